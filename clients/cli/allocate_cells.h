// The half of `tenure allocate` that splits a total over cells with response curves.
#ifndef TENURE_CLIENTS_CLI_ALLOCATE_CELLS_H_
#define TENURE_CLIENTS_CLI_ALLOCATE_CELLS_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "clients/cli/budgets_file.h"
#include "clients/cli/session.h"
#include "server/budget/cells.h"
#include "server/budget/plan_frontier.h"

namespace tenure::cli {

// The cells as the planner takes them; by name, which is also how ties are settled. A campaign is
// an envelope in the segment that all its cells are in; one over several segments, and a channel,
// is a limit across.
budget::CellsInput CellsOf(const BudgetsFile& budgets);

// Four decimals, or "unbounded".
std::string PriceText(double price);

// Prints the split of `budgets.total_micros` over `budgets.cells`, `target` where that total is the
// least to reach one, and writes it to `out` as CSV `cell,amount` unless that is empty.
// FAILED_PRECONDITION where the cells' minima don't fit, DEADLINE_EXCEEDED where the target was
// reached before but not in the time that was left.
absl::Status AllocateCells(const BudgetsFile& budgets,
                           const std::optional<budget::TargetPlan>& target,
                           const budget::CellsOptions& options, const std::string& out,
                           const Session& session);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_ALLOCATE_CELLS_H_
