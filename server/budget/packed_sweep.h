// One pass over packed offers: who chooses the same at both ends of a range of prices.
#ifndef TENURE_SERVER_BUDGET_PACKED_SWEEP_H_
#define TENURE_SERVER_BUDGET_PACKED_SWEEP_H_

#include <cstdint>
#include <vector>

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

  void Add(const SweepTotals& other);
};

// How the pass is computed; both give the same bits.
enum class SweepCode { kPortable, kAvx2 };
// AVX2 where this processor has it.
SweepCode BestSweepCode();

// Sweeps `blocks` blocks from `first`. `choice`, one a place from the first block's: offer + 1 or 0
// for none, at the low price. Appends the undecided places. Thread-safe.
SweepTotals Sweep(SweepCode code, const PackedOffers& offers, uint32_t first, uint32_t blocks,
                  const PriceRange& range, uint8_t* choice, std::vector<uint32_t>* undecided);

// The same for some places, all of one node.
SweepTotals SweepPlaces(const PackedOffers& offers, const uint32_t* begin, const uint32_t* end,
                        const PriceRange& range, uint8_t* choice, std::vector<uint32_t>* undecided);

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_PACKED_SWEEP_H_
