// What is asked of cells before any work.
#ifndef TENURE_SERVER_BUDGET_CELLS_CHECK_H_
#define TENURE_SERVER_BUDGET_CELLS_CHECK_H_

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "server/budget/cells.h"

namespace tenure::budget {

// The positions of the cells in the order of their ids. INVALID_ARGUMENT naming the field.
absl::StatusOr<std::vector<size_t>> CheckCells(const CellsInput& input);

// The first envelope, from the lowest up, that minima and floors exceed; none where all fit.
std::optional<CellConflict> FindCellConflict(const CellsInput& input);

// Positions of the groups, children before their parents. Of groups without cycles.
std::vector<size_t> ChildrenFirst(const std::vector<CellGroup>& groups);

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_CELLS_CHECK_H_
