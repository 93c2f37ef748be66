// Several offers per customer, the first of which matters most: plans one after another, each with
// the money that those before it left.
#ifndef TENURE_SERVER_BUDGET_PLAN_ROUNDS_H_
#define TENURE_SERVER_BUDGET_PLAN_ROUNDS_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "server/budget/planner.h"

namespace tenure::budget {

struct RoundsOptions {
  int rounds = 1;  // >= 1: the most offers that a customer gets
  // Sets of offers of which a customer gets at most one over all rounds, such as those of one
  // campaign. An offer itself is never given twice.
  std::vector<std::vector<int32_t>> once = {};
};

struct PlanRounds {
  // By priority: each is Solve()'s plan given what those before it chose and spent, so its bound,
  // gap and `proven` are about this round alone. Choices are positions in PlanInput::candidates;
  // spend and side_used are the round's own. Fewer than asked for where a round gave nobody
  // anything, was stopped or is infeasible (the first alone can be): that is the last.
  std::vector<PlanResult> rounds;
  // All rounds together: sums of achieved, upper_bound, spend, side_used and seconds; choice has
  // each customer's first offer. Its bound holds for plans that follow the same priority from
  // round to round, not for plans of several offers at once. Optimal and proven where every round
  // is. Prices are of the last round that gave anybody anything, unspent of the last one solved.
  // Of one round: that round.
  PlanResult total;
};

// Caps hold, and floors are reserved, for all rounds together. A later round never takes money from
// an earlier one: the first is Solve(input, options). options.start_prices are the first round's;
// deadline and cancel are for all. INVALID_ARGUMENT as Solve's, and for rounds < 1. Thread-safe.
absl::StatusOr<PlanRounds> SolveRounds(const PlanInput& input, const RoundsOptions& rounds,
                                       const PlanOptions& options = {});

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_PLAN_ROUNDS_H_
