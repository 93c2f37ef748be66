// What other budgets would buy: a list of them, or the least that reaches a target.
#ifndef TENURE_SERVER_BUDGET_PLAN_FRONTIER_H_
#define TENURE_SERVER_BUDGET_PLAN_FRONTIER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace tenure::budget {

// The answer for one total.
struct FrontierPoint {
  int64_t budget_micros = 0;
  int64_t spend_micros = 0;
  double achieved = 0;
  double upper_bound = 0;
  double gap = 0;
  double price = 0;        // value of one more unit of the currency
  bool stopped = false;    // by a deadline
  std::string infeasible;  // why floors or minima don't fit; then the rest is 0
};

// Plans under a total of so many micros, any of the planners.
using SolveTotal = std::function<absl::StatusOr<FrontierPoint>(int64_t budget_micros)>;

// One point a budget, in the given order. More money never buys less: a plan that fits a smaller
// budget of the list is also one for the larger, so that a search that found less there is
// corrected by it. INVALID_ARGUMENT for a negative budget.
absl::StatusOr<std::vector<FrontierPoint>> FindFrontier(absl::Span<const int64_t> budgets_micros,
                                                        const SolveTotal& solve);

// Whether a sum of values reaches the target, but for the rounding of sums: 0.1 + 0.7 is 0.8.
bool ReachesTarget(double value, double target);

struct TargetPlan {
  FrontierPoint least;  // the smallest budget found whose plan reaches the target
  // No plan with less than this reaches it: the upper bound does not reach the target there.
  int64_t proven_micros = 0;
};

// The least budget up to `most_micros`, to a millionth of it, that reaches the target value: the
// certificate turned round. FAILED_PRECONDITION where the plan of `most_micros` does not reach it,
// saying what it reaches, and whether any plan could.
absl::StatusOr<TargetPlan> FindLeastBudget(double target, int64_t most_micros,
                                           const SolveTotal& solve);

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_PLAN_FRONTIER_H_
