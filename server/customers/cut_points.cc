#include "server/customers/cut_points.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

namespace tenure::customers {
namespace {

// The `rank`-th largest, from 1, of ascending values.
double Largest(const std::vector<double>& sorted, double rank) {
  if (rank < 1) return std::numeric_limits<double>::infinity();
  const auto n = static_cast<double>(sorted.size());
  return sorted[static_cast<size_t>(n - std::min(rank, n))];
}

std::vector<double> Quintiles(std::vector<double> values) {
  std::vector<double> ends;
  if (values.empty()) return ends;
  std::sort(values.begin(), values.end());
  for (size_t k = 1; k <= kQuintileEnds; ++k) {
    ends.push_back(values[(k * values.size() + 4) / 5 - 1]);
  }
  return ends;
}

}  // namespace

journal::CutPoints CutPointsOf(PopulationValues values, const rules::TierSettings& tiers) {
  journal::CutPoints result;
  std::sort(values.clv.begin(), values.clv.end());
  const auto n = static_cast<double>(values.clv.size());
  const double high = n == 0 ? 0 : std::round(tiers.high_share * n);
  const double medium = n == 0 ? 0 : std::round((tiers.high_share + tiers.medium_share) * n);
  result.clv_high = Largest(values.clv, high);
  result.clv_medium = medium > high ? Largest(values.clv, medium) : result.clv_high;
  result.recency_days = Quintiles(std::move(values.recency_days));
  result.frequency = Quintiles(std::move(values.frequency));
  result.monetary = Quintiles(std::move(values.monetary));
  return result;
}

int64_t RfmScore(double value, const std::vector<double>& quintile_ends, bool low_is_best) {
  int64_t quintile = 1;
  for (const double end : quintile_ends) quintile += value > end ? 1 : 0;
  return low_is_best ? 6 - quintile : quintile;
}

}  // namespace tenure::customers
