#include "server/customers/tier.h"

#include "server/clv/value_tier.h"

namespace tenure::customers {

// The numbers here are written down; those there are free to have the same.
static_assert(static_cast<int>(clv::ValueTier::kLow) == static_cast<int>(Tier::kLow) &&
              static_cast<int>(clv::ValueTier::kMedium) == static_cast<int>(Tier::kMedium) &&
              static_cast<int>(clv::ValueTier::kHigh) == static_cast<int>(Tier::kHigh) &&
              static_cast<int>(clv::ValueTier::kNone) == static_cast<int>(Tier::kNone));

absl::string_view TierName(Tier tier) { return clv::TierName(static_cast<clv::ValueTier>(tier)); }

Tier TierNamed(absl::string_view name) {
  for (const Tier tier : {Tier::kLow, Tier::kMedium, Tier::kHigh}) {
    if (name == TierName(tier)) return tier;
  }
  return Tier::kNone;
}

Tier TierOf(double clv, const journal::CutPoints& cut_points, Tier before, double hysteresis) {
  return static_cast<Tier>(clv::TierOf(clv, {cut_points.clv_high, cut_points.clv_medium},
                                       static_cast<clv::ValueTier>(before), hysteresis));
}

}  // namespace tenure::customers
