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

void ChangedTime::Assign(const OperationalTime* everybody, std::vector<RateChange>* changes) {
  everybody_ = everybody;
  edges_.assign(1, 0);
  for (const RateChange& change : *changes) {
    edges_.push_back(change.from);
    edges_.push_back(change.to);
  }
  const auto days = static_cast<int>(everybody->days());
  if (!std::is_sorted(edges_.begin(), edges_.end())) std::sort(edges_.begin(), edges_.end());
  edges_.erase(std::unique(edges_.begin(), edges_.end()), edges_.end());
  const auto by_day = [](const RateChange& l, const RateChange& r) { return l.from < r.from; };
  if (!std::is_sorted(changes->begin(), changes->end(), by_day)) {
    std::sort(changes->begin(), changes->end(), by_day);
  }
  stretches_.clear();
  size_t over = 0;  // changes before this one have ended
  for (const int edge : edges_) {
    if (edge > 0 && edge >= days) break;
    double by = 1;
    while (over < changes->size() && (*changes)[over].to <= edge) ++over;
    for (size_t i = over; i < changes->size() && (*changes)[i].from <= edge; ++i) {
      if ((*changes)[i].to > edge) by *= (*changes)[i].by;
    }
    const double theirs = everybody->At(edge);
    double passed = theirs;
    if (!stretches_.empty()) {
      const Stretch& last = stretches_.back();
      passed = last.passed + (theirs - last.theirs) * last.by;
    }
    stretches_.push_back({static_cast<double>(edge), by, theirs, passed});
  }
}

double ChangedTime::At(double time) const {
  const auto after =
      std::upper_bound(stretches_.begin(), stretches_.end(), time,
                       [](double at, const Stretch& stretch) { return at < stretch.from; });
  const Stretch& in = *(after - 1);
  return in.passed + (everybody_->At(time) - in.theirs) * in.by;
}

double ChangedTime::Reaches(double elapsed) const {
  const auto after =
      std::upper_bound(stretches_.begin(), stretches_.end(), elapsed,
                       [](double at, const Stretch& stretch) { return at < stretch.passed; });
  const Stretch& in = *(after - 1);
  if (in.by == 0) return static_cast<double>(everybody_->days());
  const double reached = everybody_->Reaches(in.theirs + (elapsed - in.passed) / in.by);
  // Rounding must not lead into the next stretch.
  return after == stretches_.end() ? reached : std::min(reached, after->from);
}

}  // namespace tenure::clv
