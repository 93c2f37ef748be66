// When time alone can change what a condition says: the instants at which what grows with time
// crosses what it is compared with.
#ifndef TENURE_SERVER_EXPRESSION_CROSSINGS_H_
#define TENURE_SERVER_EXPRESSION_CROSSINGS_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "absl/types/span.h"
#include "server/batch/batch.h"
#include "server/batch/schema.h"
#include "server/expression/node.h"
#include "server/expression/program.h"

namespace tenure::expression {

// How a column moves while time passes and nothing else happens.
enum class Motion : uint8_t {
  kStill,
  kDays,     // a double that grows by one a day
  kInstant,  // a timestamp that grows by a microsecond a microsecond
  kKnown,    // in a way that the caller can solve: bounds of it are given back
  kAny,      // in a way not known here
};

// The comparisons of a condition between sums, differences and multiples of columns. Immutable;
// thread-safe.
class Crossings {
 public:
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

  // `motions` by column of the schema, which each batch given below must have.
  Crossings(const Program& condition, const Schema& schema, absl::Span<const Motion> motions);

  // Whether all that moves in the condition stands in such comparisons. Where it does not, its
  // answer may change at any time.
  bool complete() const { return complete_; }
  bool empty() const { return comparisons_.empty() && bounds_.empty(); }

  // The first instant from `at_us` on at which the answer for this row, whose values are those of
  // `at_us`, may be another one; kNever. May be early, by a second at least, but never late.
  // Bounds have no part in it.
  int64_t Next(const Batch& batch, size_t row, int64_t at_us) const;

  // Comparisons of a column of Motion::kKnown, by itself, with what stands still.
  size_t bounds() const { return bounds_.size(); }
  // What the i-th is compared with in this row; NaN where that is missing.
  double Bound(size_t i, const Batch& batch, size_t row) const;

 private:
  enum class Act : uint8_t { kConstant, kColumn, kNegate, kAdd, kSubtract, kMultiply, kDivide };
  struct Term {  // of an operand, operands before operators
    Act act;
    double constant = 0;  // kColumn: growth a microsecond
    size_t column = 0;
  };
  struct Comparison {
    std::vector<Term> left, right;
  };
  struct Line;  // a value and its growth
  class Collector;

  static bool Follow(const std::vector<Term>& terms, const Batch& batch, size_t row, Line* line);

  std::vector<Comparison> comparisons_;
  std::vector<std::vector<Term>> bounds_;  // what such a column is compared with
  bool complete_ = true;
};

}  // namespace tenure::expression

#endif  // TENURE_SERVER_EXPRESSION_CROSSINGS_H_
