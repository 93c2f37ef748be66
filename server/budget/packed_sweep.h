// One pass over packed offers: who chooses the same at both ends of a range of prices.
#ifndef TENURE_SERVER_BUDGET_PACKED_SWEEP_H_
#define TENURE_SERVER_BUDGET_PACKED_SWEEP_H_

#include <cstdint>
#include <vector>

#include "server/budget/packed_increments.h"
#include "server/budget/packed_offers.h"

namespace tenure::budget {

// Prices of a unit of cost, 0 <= low <= high.
struct PriceRange {
  double low = 0;
  double high = 0;
};
inline constexpr double kHighestPrice = 1e280;  // finite, so that nothing is charged nothing for 0

// The decided choose one offer throughout the range: at a price between, they are worth
// score_low - (price - low) * cost.
struct SweepTotals {
  double score_low = 0;       // of the decided, value - low * cost
  int64_t cost = 0;           // of the decided
  int64_t cost_low = 0;       // of the undecided at the low price,
  int64_t cost_high = 0;      // and at the high one
  double largest_values = 0;  // everybody's largest value: what roundings are measured against
  bool malformed = false;     // a value that is not finite, or a cost above kMostCost
};

// How the pass is computed; both give the same bits.
enum class SweepCode { kPortable, kAvx2 };
// AVX2 where this processor has it.
SweepCode BestSweepCode();

// Sweeps these blocks, all of one node. `choice`, one for every place there is: offer + 1 or 0 for
// none, at the low price; where it is null only costs are summed, which is faster. Appends what the
// undecided, in the order of blocks, could add between the high price and the low one. Thread-safe.
SweepTotals Sweep(SweepCode code, const PackedOffers& offers, const std::vector<uint32_t>& blocks,
                  const PriceRange& range, uint8_t* choice,
                  std::vector<PackedIncrement>* increments);

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_PACKED_SWEEP_H_
