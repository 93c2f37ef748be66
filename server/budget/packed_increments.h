// What an undecided customer of packed offers could add between two prices.
#ifndef TENURE_SERVER_BUDGET_PACKED_INCREMENTS_H_
#define TENURE_SERVER_BUDGET_PACKED_INCREMENTS_H_

#include <cstdint>
#include <vector>

#include "server/budget/packed_offers.h"

namespace tenure::budget {

// One step up the concave hull of a customer's offers, as Increment (plan_hull.h) but in sixteen
// bytes: a pass over a population leaves millions of them.
struct PackedIncrement {
  double efficiency;  // value per micro
  uint32_t cost;      // in PackedOffers::unit_micros
  uint32_t place;
};

// Appends the steps from the cost chosen at the high price to the one chosen at the low price, in
// falling efficiency: in between, the hull's corners are those of all the customer's offers. What
// is dearer and worth no more, as ties leave it, is a step of efficiency 0.
// Values that are not finite count as no offer.
void AppendIncrementsBetween(const PackedOffers& offers, uint32_t place, uint32_t cost_high,
                             uint32_t cost_low, std::vector<PackedIncrement>* increments);

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_PACKED_INCREMENTS_H_
