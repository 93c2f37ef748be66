// A rule expression compiled against the columns of a schema: the columnar back end. The language
// is CEL (docs/expressions.md); what it means is defined by Evaluate() of evaluator.h, with which
// this agrees on every expression both accept.
#ifndef TENURE_SERVER_EXPRESSION_PROGRAM_H_
#define TENURE_SERVER_EXPRESSION_PROGRAM_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/batch/batch.h"
#include "server/batch/schema.h"
#include "server/expression/problem.h"

namespace tenure::expression {

struct Plan;

// kMissing: a value that the answer depends on is absent. kError: any other error of evaluation,
// such as an overflow or a division by zero.
enum class Truth : uint8_t { kFalse, kTrue, kMissing, kError };

// A part of a condition as written, with what it is for one row: "3", "\"West\"", "missing".
struct Operand {
  std::string text;
  std::string value;
};

// Immutable; thread-safe.
class Program {
 public:
  // Compiles against the columns of `schema`; names may be dotted ("customer.region"). Null and all
  // problems at once when refused; `problems` may be null.
  static std::shared_ptr<const Program> Compile(absl::string_view text, const Schema& schema,
                                                std::vector<Problem>* problems);
  ~Program();

  // kBool for conditions.
  DType result_type() const;
  const std::string& text() const;
  // The columns it reads, sorted. Each batch given below must have them, with the types they had
  // in the schema compiled against (checked); positions may differ.
  const std::vector<std::string>& columns() const;
  // Whether it is always true or always false, whatever the row.
  bool IsConstant(bool* value) const;

  // Conditions only (checked): out[i] is the answer for row rows[i] of the batch.
  void Test(const Batch& batch, absl::Span<const uint32_t> rows, absl::Span<Truth> out) const;
  // Numbers as doubles, bool as 0 or 1, timestamps and durations in microseconds; valid[i] is 0,
  // and out[i] is 0, where a value is missing or evaluation fails. INVALID_ARGUMENT for strings.
  absl::Status EvaluateDoubles(const Batch& batch, absl::Span<const uint32_t> rows,
                               absl::Span<double> out, absl::Span<uint8_t> valid) const;
  // The operands of the first comparison that decided the answer for one row, in the order
  // written, and the first missing name that the answer depends on (empty where none).
  std::vector<Operand> Explain(const Batch& batch, uint32_t row, std::string* missing) const;

 private:
  friend class Crossings;  // reads the tree
  explicit Program(std::unique_ptr<const Plan> plan);
  const std::unique_ptr<const Plan> plan_;
};

}  // namespace tenure::expression

#endif  // TENURE_SERVER_EXPRESSION_PROGRAM_H_
