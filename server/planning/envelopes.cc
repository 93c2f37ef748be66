#include "server/planning/envelopes.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "server/decision/world.h"

namespace tenure::planning {
namespace {

constexpr int64_t kNoMax = std::numeric_limits<int64_t>::max();

int64_t SumOf(const MicrosByPath& micros, const std::string& wanted) {
  int64_t sum = 0;
  for (const auto& [path, amount] : micros) sum += path == wanted ? amount : 0;
  return sum;
}

}  // namespace

Envelopes::Envelopes(const rules::Budget& budget, int64_t limit_micros, const MicrosByPath& used,
                     const MicrosByPath& last_spend, const Appraisal& appraisal)
    : budget_(budget), planned_(budget.segments.size() - 1), used_(BySegment(used)) {
  int64_t spoken_for = std::max(budget_.unplanned_micros, used_.back());
  if (budget_.exploration.has_value()) {
    spoken_for += std::max(budget_.exploration->limit_micros,
                           SumOf(used, decision::ExplorationPath(budget_.id)));
  }
  int64_t elsewhere =
      SumOf(used, budget_.id) - used_.back() - SumOf(used, decision::ExplorationPath(budget_.id));
  for (size_t s = 0; s < planned_; ++s) {
    spoken_for += used_[s];
    elsewhere -= used_[s];
  }
  // In segments that the rules no longer have.
  spoken_for += std::max<int64_t>(0, elsewhere);
  available_ = std::max<int64_t>(0, limit_micros - spoken_for);
  Share(Weights(last_spend, appraisal));
  std::vector<double> weights;
  std::vector<Bounds> bounds;
  int64_t floors = 0;
  for (size_t s = 0; s < planned_; ++s) {
    floors_.push_back(std::min(BoundsOf(s).min_micros, caps_[s]));
    weights.push_back(static_cast<double>(floors_[s]));
    bounds.push_back({0, floors_[s]});
    floors += floors_[s];
  }
  // Money that was spent before anybody planned can't be reserved any more.
  if (floors > available_) floors_ = SplitByWeight(available_, weights, bounds);
}

std::vector<int64_t> Envelopes::BySegment(const MicrosByPath& micros) const {
  std::vector<int64_t> sums;
  for (const rules::BudgetSegment& segment : budget_.segments) {
    sums.push_back(SumOf(micros, absl::StrCat(budget_.id, "/", segment.id)));
  }
  return sums;
}

Bounds Envelopes::BoundsOf(size_t s) const {
  const rules::BudgetSegment& segment = budget_.segments[s];
  const int64_t max = segment.max_micros.value_or(kNoMax);
  return {std::max<int64_t>(0, segment.min_micros - used_[s]),
          max == kNoMax ? kNoMax : std::max<int64_t>(0, max - used_[s])};
}

std::vector<Bounds> Envelopes::AllBounds() const {
  std::vector<Bounds> bounds;
  for (size_t s = 0; s < planned_; ++s) bounds.push_back(BoundsOf(s));
  return bounds;
}

int64_t Envelopes::floor_micros(size_t s) const {
  return budget_.split == rules::Split::kOptimal ? floors_[s] : 0;
}

std::vector<double> Envelopes::Weights(const MicrosByPath& last_spend, const Appraisal& appraisal) {
  std::vector<double> weights(planned_, 0);
  if (budget_.split == rules::Split::kProportionalLastSpend) {
    const std::vector<int64_t> spent = BySegment(last_spend);
    for (size_t s = 0; s < planned_; ++s) weights[s] = static_cast<double>(spent[s]);
    no_last_spend_ = std::all_of(weights.begin(), weights.end(), [](double w) { return w == 0; });
    if (!no_last_spend_) return weights;
  }
  const bool by_clv = budget_.split == rules::Split::kProportionalClv;
  for (size_t i = 0; i < appraisal.segment_of.size(); ++i) {
    weights[appraisal.segment_of[i]] += by_clv ? appraisal.clv[i] : 1;
  }
  return weights;
}

void Envelopes::Share(const std::vector<double>& weights) {
  switch (budget_.split) {
    case rules::Split::kOptimal:
      for (size_t s = 0; s < planned_; ++s) {
        caps_.push_back(std::min(available_, BoundsOf(s).max_micros));
      }
      return;
    case rules::Split::kFixed:
      for (size_t s = 0; s < planned_; ++s) {
        const int64_t fixed = budget_.segments[s].max_micros.value_or(0);
        caps_.push_back(std::max<int64_t>(0, fixed - used_[s]));
      }
      return;
    case rules::Split::kProportionalCustomers:
    case rules::Split::kProportionalClv:
    case rules::Split::kProportionalLastSpend:
      caps_ = SplitByWeight(available_, weights, AllBounds());
      return;
  }
}

std::vector<int64_t> Envelopes::Limits(absl::Span<const int64_t> spend) const {
  std::vector<int64_t> limits(budget_.segments.size(), 0);
  if (budget_.split == rules::Split::kOptimal) {
    std::vector<double> weights;
    std::vector<Bounds> bounds = AllBounds();
    int64_t left = available_;
    for (size_t s = 0; s < planned_; ++s) {
      weights.push_back(static_cast<double>(spend[s]));
      left -= spend[s];
      bounds[s].min_micros = std::max<int64_t>(0, bounds[s].min_micros - spend[s]);
      if (bounds[s].max_micros != kNoMax) bounds[s].max_micros -= spend[s];
    }
    const std::vector<int64_t> slack = SplitByWeight(left, weights, bounds);
    for (size_t s = 0; s < planned_; ++s) limits[s] = spend[s] + slack[s];
  } else {
    for (size_t s = 0; s < planned_; ++s) limits[s] = caps_[s];
  }
  for (size_t s = 0; s < planned_; ++s) limits[s] += used_[s];
  limits.back() = std::max(budget_.unplanned_micros, used_.back());
  return limits;
}

}  // namespace tenure::planning
