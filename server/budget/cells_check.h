// What is asked of cells before any work.
#ifndef TENURE_SERVER_BUDGET_CELLS_CHECK_H_
#define TENURE_SERVER_BUDGET_CELLS_CHECK_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/budget/cells.h"

namespace tenure::budget {

// The positions of the cells in the order of their ids. INVALID_ARGUMENT naming the field.
absl::StatusOr<std::vector<size_t>> CheckCells(const CellsInput& input);

// Whose minima exceed which limit, by how much; empty where all fit.
std::string FindCellConflict(const CellsInput& input);

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_CELLS_CHECK_H_
