// From what cells want to whole micros.
#ifndef TENURE_SERVER_BUDGET_CELLS_AMOUNTS_H_
#define TENURE_SERVER_BUDGET_CELLS_AMOUNTS_H_

#include <cstdint>
#include <vector>

#include "server/budget/cells.h"
#include "server/budget/cells_demand.h"
#include "server/budget/cells_prices.h"

namespace tenure::budget {

// Everybody's demand rounded down, then the rest to who is at the margin, the dearest and then the
// lowest id first, and what rounding left micro by micro to who gains most: of a floor or cap that
// binds to its own cells, of the budget to all. Cells stand in the order of their ids. Empty where
// these modes' least amounts exceed an envelope. Thread-safe.
std::vector<int64_t> WholeMicros(const CellsInput& input, const std::vector<CellMode>& modes,
                                 const CellsPrices& prices);

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_CELLS_AMOUNTS_H_
