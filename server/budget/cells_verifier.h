// Does a split keep its limits? Asked of every split before it is handed out, in plain integer
// arithmetic from the original input, with none of the solver's code.
#ifndef TENURE_SERVER_BUDGET_CELLS_VERIFIER_H_
#define TENURE_SERVER_BUDGET_CELLS_VERIFIER_H_

#include "absl/status/status.h"
#include "server/budget/cells.h"

namespace tenure::budget {

// INTERNAL naming the cell, group or budget where the amounts contradict the input: not one a cell,
// an amount outside min and max, a group or limit above its cap, a sum with its floors above the
// budget. Not for infeasible
// results, which have no amounts. Thread-safe.
absl::Status VerifyCells(const CellsInput& input, const CellsResult& result);

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_CELLS_VERIFIER_H_
