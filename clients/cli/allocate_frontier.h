// What other totals would buy: the parts of `tenure allocate` that solve more than once.
#ifndef TENURE_CLIENTS_CLI_ALLOCATE_FRONTIER_H_
#define TENURE_CLIENTS_CLI_ALLOCATE_FRONTIER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cli/budgets_file.h"
#include "clients/cli/session.h"
#include "server/budget/cells.h"
#include "server/budget/plan_frontier.h"

namespace tenure::cli {

// "100,200.50" as micros. INVALID_ARGUMENT naming the amount.
absl::StatusOr<std::vector<int64_t>> ParseBudgets(const std::string& list);

// Plans of the values, or splits of the cells, under another total each time; a plan starts from
// the prices of the one before, and has seconds of its own unless those are 0. `input` outlives it,
// and has the last total afterwards.
budget::SolveTotal PlansUnder(AllocationInput* input, const BudgetsFile& budgets,
                              const budget::PlanOptions& options, double seconds_each);
budget::SolveTotal SplitsUnder(const BudgetsFile& budgets, const budget::CellsOptions& options,
                               double seconds_each);

// Prints one point a total, and draws them into `plot` (SVG) unless that is empty.
absl::Status PrintFrontier(const std::vector<int64_t>& totals_micros,
                           const budget::SolveTotal& solve, const BudgetsFile& budgets,
                           const std::string& plot, const Session& session);

// The least total, up to the file's, that reaches the value. FAILED_PRECONDITION where none does.
absl::StatusOr<budget::TargetPlan> FindTarget(double target, const budget::SolveTotal& solve,
                                              const BudgetsFile& budgets);

// The line that says what was found.
void PrintTarget(const budget::TargetPlan& target);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_ALLOCATE_FRONTIER_H_
