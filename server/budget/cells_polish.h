// Moves money between pairs of cells where S-shaped curves leave room for more.
#ifndef TENURE_SERVER_BUDGET_CELLS_POLISH_H_
#define TENURE_SERVER_BUDGET_CELLS_POLISH_H_

#include <cstdint>
#include <vector>

#include "server/budget/cells.h"

namespace tenure::budget {

// Never worse and within every limit that the amounts keep. Of two cells at the optimum at most one
// is where its curve bends upward: every pair with an S-shaped cell is searched along its line, in
// order, until a pass brings nothing. Thread-safe.
void PolishCells(const CellsInput& input, std::vector<int64_t>* amounts);

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_CELLS_POLISH_H_
