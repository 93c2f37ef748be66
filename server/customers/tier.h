// Value tiers, and how a customer stays in one.
#ifndef TENURE_SERVER_CUSTOMERS_TIER_H_
#define TENURE_SERVER_CUSTOMERS_TIER_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "server/journal/records.h"

namespace tenure::customers {

// Written down in snapshots. None: a prospect, or nobody has looked yet.
enum class Tier : uint8_t { kNone = 0, kLow = 1, kMedium = 2, kHigh = 3 };
inline constexpr int kTiers = 3;

// "high", "medium", "low"; empty for kNone, and back.
absl::string_view TierName(Tier tier);
Tier TierNamed(absl::string_view name);

// The tier of a value, kNone of NaN. Customers of the same value share a tier, so that a tie at the
// cut makes the higher tier larger than its share. Who was in a tier `before` leaves it only where
// the value is beyond the cut point by more than the share `hysteresis` of it: a value that wavers
// about a cut point does not move anybody to and fro.
Tier TierOf(double clv, const journal::CutPoints& cut_points, Tier before = Tier::kNone,
            double hysteresis = 0);

}  // namespace tenure::customers

#endif  // TENURE_SERVER_CUSTOMERS_TIER_H_
