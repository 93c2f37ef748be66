// Splits a total over cells (segment by campaign) whose response curves are known: allocation where
// there are no values per customer.
#ifndef TENURE_SERVER_BUDGET_CELLS_H_
#define TENURE_SERVER_BUDGET_CELLS_H_

#include <atomic>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/budget/planner.h"

namespace tenure::budget {

// Net value of spending x units of the currency; f(0) = 0, rising.
struct ResponseCurve {
  enum class Kind {
    kLog,              // a ln(1 + x / b)
    kSqrt,             // a sqrt(x)
    kExp,              // a (1 - e^(-x / b))
    kHill,             // a x^n / (b^n + x^n), n >= 1; S-shaped for n > 1
    kPiecewiseLinear,  // `pieces`, slopes not rising; flat after the last
  };
  Kind kind = Kind::kLog;
  double a = 1;
  double b = 1;
  double n = 1;
  std::vector<std::pair<double, double>> pieces;  // (up to x, slope)
};

struct Cell {
  std::string id;  // unique
  ResponseCurve curve;
  int64_t min_micros = 0;
  int64_t max_micros = kUncapped;
  int32_t group = -1;  // position in CellsInput::groups; -1: right below the budget
};

// An envelope between the budget and its cells, such as a segment, or a campaign in a segment.
struct CellGroup {
  std::string id;  // unique
  int64_t cap_micros = kUncapped;
  int32_t parent = -1;       // position in CellsInput::groups, any order; -1: the budget
  int64_t floor_micros = 0;  // 0 <= floor <= cap: reserved, not spending that is forced
};

// A limit across the groups, such as a channel's.
struct CellLimit {
  std::string id;  // unique among limits
  int64_t cap_micros = kUncapped;
  std::vector<int32_t> cells;  // positions, each once; a cell may be under several limits
};

struct CellsInput {
  int64_t budget_micros = 0;
  std::vector<Cell> cells;
  std::vector<CellGroup> groups;
  std::vector<CellLimit> limits;
};

struct CellsOptions {
  int64_t deadline_us = std::numeric_limits<int64_t>::max();  // on MonotonicUs()
  const std::atomic<bool>* cancel = nullptr;                  // looked at between passes
};

// Minima and floors that don't fit into an envelope.
struct CellConflict {
  std::string node;  // of a group or limit; "total"
  int64_t floors_micros = 0;
  int64_t cap_micros = 0;
};

struct CellsResult {
  PlanStatus status = PlanStatus::kCertified;
  std::vector<int64_t> amount;  // micros per cell
  double achieved = 0;
  double upper_bound = 0;  // over the curves' concave envelopes
  double gap = 0;
  // What one more unit of the currency would bring: the lowest of the prices that bound as well.
  // Infinite where nothing is left for a curve that begins with an infinite slope; S-shaped curves
  // count as their envelopes.
  double price = 0;                 // of the budget
  std::vector<double> group_price;  // beside its parent's; less than 0 where its floor binds
  std::vector<double> limit_price;  // beside its cells' groups'
  double seconds = 0;
  bool stopped = false;  // by the deadline or cancelled: the best so far, with its gap
  std::string infeasible;
  std::optional<CellConflict> conflict;  // where infeasible
};

// The best split in whole micros. Exact for concave curves under groups nested in each other, of
// any depth; limits across them have their prices found in turn, and what that leaves is in the
// gap. S-shaped curves are bounded by their envelope and searched over which of them are used at
// all (every set of up to 12 of those nearest to the price where their use begins, fewer among
// thousands of cells), and the gap that remains is reported. Micros that rounding leaves go to the
// largest marginal value; ties go by id, wherever a cell stands. INVALID_ARGUMENT naming the field,
// INTERNAL where VerifyCells finds a limit broken. Thread-safe.
absl::StatusOr<CellsResult> SolveCells(const CellsInput& input, const CellsOptions& options = {});

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_CELLS_H_
