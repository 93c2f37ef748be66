#include "server/budget/target_curve.h"

#include <algorithm>
#include <utility>

#include "server/base/status.h"

namespace tenure::budget {

TargetCurve::TargetCurve(std::vector<int64_t> edges_us, std::vector<double> density,
                         bool front_loaded)
    : edges_us_(std::move(edges_us)), before_(edges_us_.size(), 0) {
  TENURE_CHECK(edges_us_.size() >= 2 && density.size() + 1 == edges_us_.size());
  if (std::all_of(density.begin(), density.end(), [](double d) { return d <= 0; })) {
    std::fill(density.begin(), density.end(), 1.0);
  }
  const auto length = static_cast<double>(end_us() - start_us());
  for (size_t s = 0; s < density.size(); ++s) {
    const auto from = static_cast<double>(edges_us_[s] - start_us());
    const auto to = static_cast<double>(edges_us_[s + 1] - start_us());
    const double tilt = front_loaded ? 1.5 - (from + to) / 2 / length : 1;
    before_[s + 1] = before_[s] + density[s] * tilt * (to - from);
  }
  const double whole = before_.back();
  for (double& share : before_) share /= whole;
}

double TargetCurve::Before(int64_t at_us) const {
  if (at_us <= start_us()) return 0;
  if (at_us >= end_us()) return 1;
  const auto next = std::upper_bound(edges_us_.begin(), edges_us_.end(), at_us);
  const auto s = static_cast<size_t>(next - edges_us_.begin()) - 1;
  const double part = static_cast<double>(at_us - edges_us_[s]) /
                      static_cast<double>(edges_us_[s + 1] - edges_us_[s]);
  return before_[s] + part * (before_[s + 1] - before_[s]);
}

double TargetCurve::Share(int64_t from_us, int64_t to_us) const {
  return std::max(0.0, Before(to_us) - Before(from_us));
}

double TargetCurve::ShareOfRest(int64_t from_us, int64_t to_us) const {
  const double rest = 1 - Before(from_us);
  return rest <= 0 ? 1 : std::min(1.0, Share(from_us, to_us) / rest);
}

}  // namespace tenure::budget
