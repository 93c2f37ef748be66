#include "server/customers/tier.h"

#include <cmath>

namespace tenure::customers {

absl::string_view TierName(Tier tier) {
  switch (tier) {
    case Tier::kNone:
      return "";
    case Tier::kLow:
      return "low";
    case Tier::kMedium:
      return "medium";
    case Tier::kHigh:
      return "high";
  }
  return "";
}

Tier TierNamed(absl::string_view name) {
  if (name == "high") return Tier::kHigh;
  if (name == "medium") return Tier::kMedium;
  return name == "low" ? Tier::kLow : Tier::kNone;
}

Tier TierOf(double clv, const journal::CutPoints& cut_points, Tier before, double hysteresis) {
  if (std::isnan(clv)) return Tier::kNone;
  // Values are not below 0: a factor moves a cut point the right way, also one at infinity.
  const auto reaches = [&](double cut, Tier tier) {
    if (before == Tier::kNone) return clv >= cut;
    return clv >= cut * (before >= tier ? 1 - hysteresis : 1 + hysteresis);
  };
  if (reaches(cut_points.clv_high, Tier::kHigh)) return Tier::kHigh;
  return reaches(cut_points.clv_medium, Tier::kMedium) ? Tier::kMedium : Tier::kLow;
}

}  // namespace tenure::customers
