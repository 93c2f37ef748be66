// Value tiers: a base cut at shares of its customers by their value, and how a customer stays in
// one. One code for the server's customers and for files.
#ifndef TENURE_SERVER_CLV_VALUE_TIER_H_
#define TENURE_SERVER_CLV_VALUE_TIER_H_

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"

namespace tenure::clv {

enum class ValueTier : uint8_t { kNone = 0, kLow = 1, kMedium = 2, kHigh = 3 };

// "high", "medium", "low"; empty for kNone.
absl::string_view TierName(ValueTier tier);

// At or above: high, medium; +∞ where that share is nobody.
struct TierCuts {
  double high = 0;
  double medium = 0;
};

// high is the lowest of the top round(high_share · n) values, medium of the next medium_share.
TierCuts TierCutsOf(std::vector<double> values, double high_share, double medium_share);

// The tier of a value, kNone of NaN. Customers of the same value share a tier, so that a tie at the
// cut makes the higher tier larger than its share. Who was in a tier `before` leaves it only where
// the value is beyond the cut point by more than the share `hysteresis` of it: a value that wavers
// about a cut point does not move anybody to and fro.
ValueTier TierOf(double value, const TierCuts& cuts, ValueTier before = ValueTier::kNone,
                 double hysteresis = 0);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_VALUE_TIER_H_
