#include "server/budget/packed_increments.h"

#include <algorithm>
#include <array>
#include <limits>

#include "absl/base/casts.h"

namespace tenure::budget {

void AppendIncrementsBetween(const PackedOffers& offers, uint32_t place, uint32_t cost_high,
                             uint32_t cost_low, std::vector<PackedIncrement>* increments) {
  const PackedGroup* groups = offers.block(place / PackedOffers::kLanes);
  const uint32_t lane = place % PackedOffers::kLanes;
  const uint32_t count = offers.offers();
  const auto unit = static_cast<double>(offers.unit_micros());
  constexpr double kMost = static_cast<double>(std::numeric_limits<float>::max());
  std::array<uint32_t, PackedOffers::kMostOffers> cost;
  std::array<double, PackedOffers::kMostOffers> value;
  uint32_t at_cost = cost_high;
  double at_value = 0;
  for (uint32_t offer = 0; offer < count; ++offer) {
    cost[offer] = groups[offer].cost[lane];
    value[offer] = static_cast<double>(groups[offer].value[lane]);
    if (cost[offer] == at_cost && value[offer] > at_value) at_value = value[offer];
  }
  // From corner to corner of the hull, each time by the steepest step. No branch depends on what
  // an offer is worth, which would mostly be guessed wrong, but one a corner.
  std::array<double, PackedOffers::kMostOffers> slope;
  while (at_cost < cost_low) {
    double steepest = 0;
    for (uint32_t offer = 0; offer < count; ++offer) {
      const auto step = static_cast<double>(static_cast<int64_t>(cost[offer]) - at_cost);
      const bool between =
          (cost[offer] > at_cost) & (cost[offer] <= cost_low) & (value[offer] <= kMost);
      const double gain = (value[offer] - at_value) / (step * unit);
      slope[offer] = absl::bit_cast<double>(absl::bit_cast<int64_t>(gain) & -int64_t{between});
      steepest = std::max(steepest, slope[offer]);
    }
    if (!(steepest > 0)) {
      increments->push_back({0, cost_low - at_cost, place});  // dearer, and worth no more
      return;
    }
    uint32_t to = count;
    for (uint32_t offer = 0; offer < count; ++offer) {
      if (slope[offer] == steepest && (to == count || cost[offer] > cost[to])) to = offer;
    }
    increments->push_back({steepest, cost[to] - at_cost, place});
    at_cost = cost[to];
    at_value = value[to];
  }
}

}  // namespace tenure::budget
