#include "server/clv/value_tier.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tenure::clv {
namespace {

// The `rank`-th largest, from 1, of ascending values.
double Largest(const std::vector<double>& sorted, double rank) {
  if (rank < 1) return std::numeric_limits<double>::infinity();
  const auto n = static_cast<double>(sorted.size());
  return sorted[static_cast<size_t>(n - std::min(rank, n))];
}

}  // namespace

absl::string_view TierName(ValueTier tier) {
  switch (tier) {
    case ValueTier::kNone:
      return "";
    case ValueTier::kLow:
      return "low";
    case ValueTier::kMedium:
      return "medium";
    case ValueTier::kHigh:
      return "high";
  }
  return "";
}

TierCuts TierCutsOf(std::vector<double> values, double high_share, double medium_share) {
  std::sort(values.begin(), values.end());
  const auto n = static_cast<double>(values.size());
  const double high = n == 0 ? 0 : std::round(high_share * n);
  const double medium = n == 0 ? 0 : std::round((high_share + medium_share) * n);
  TierCuts cuts;
  cuts.high = Largest(values, high);
  cuts.medium = medium > high ? Largest(values, medium) : cuts.high;
  return cuts;
}

ValueTier TierOf(double value, const TierCuts& cuts, ValueTier before, double hysteresis) {
  if (std::isnan(value)) return ValueTier::kNone;
  // Values are not below 0: a factor moves a cut point the right way, also one at infinity.
  const auto reaches = [&](double cut, ValueTier tier) {
    if (before == ValueTier::kNone) return value >= cut;
    return value >= cut * (before >= tier ? 1 - hysteresis : 1 + hysteresis);
  };
  if (reaches(cuts.high, ValueTier::kHigh)) return ValueTier::kHigh;
  return reaches(cuts.medium, ValueTier::kMedium) ? ValueTier::kMedium : ValueTier::kLow;
}

}  // namespace tenure::clv
