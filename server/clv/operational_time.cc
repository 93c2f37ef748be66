#include "server/clv/operational_time.h"

#include <algorithm>
#include <cstddef>

namespace tenure::clv {

void OperationalTime::Assign(absl::Span<const double> multipliers) {
  multipliers_.assign(multipliers.begin(), multipliers.end());
  passed_.resize(multipliers.size() + 1);
  passed_[0] = 0;
  for (size_t day = 0; day < multipliers.size(); ++day) {
    passed_[day + 1] = passed_[day] + multipliers[day];
  }
}

double OperationalTime::At(double time) const {
  const auto day = static_cast<size_t>(time);
  if (day >= multipliers_.size()) return passed_.back();
  return passed_[day] + (time - static_cast<double>(day)) * multipliers_[day];
}

double OperationalTime::Reaches(double elapsed) const {
  const auto after = std::upper_bound(passed_.begin(), passed_.end(), elapsed);
  if (after == passed_.end()) return static_cast<double>(multipliers_.size());
  const auto day = static_cast<size_t>(after - passed_.begin()) - 1;
  return static_cast<double>(day) + (elapsed - passed_[day]) / multipliers_[day];
}

}  // namespace tenure::clv
