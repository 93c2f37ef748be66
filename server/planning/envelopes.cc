#include "server/planning/envelopes.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <optional>

#include "absl/strings/str_cat.h"
#include "server/budget/planner.h"
#include "server/decision/world.h"

namespace tenure::planning {
namespace {

int64_t SumOf(const MicrosByPath& micros, const std::string& wanted) {
  int64_t sum = 0;
  for (const auto& [path, amount] : micros) sum += path == wanted ? amount : 0;
  return sum;
}

int64_t Sum(absl::Span<const int64_t> parts) {
  return std::accumulate(parts.begin(), parts.end(), int64_t{0});
}

// The parts, or as much of each as `total` covers.
std::vector<int64_t> CutTo(int64_t total, const std::vector<int64_t>& parts) {
  if (Sum(parts) <= total) return parts;
  std::vector<double> weights(parts.begin(), parts.end());
  std::vector<Bounds> bounds;
  for (const int64_t part : parts) bounds.push_back({0, part});
  return SplitByWeight(total, weights, bounds);
}

}  // namespace

Envelopes::Envelopes(const rules::Budget& budget, int64_t limit_micros, const MicrosByPath& used,
                     const MicrosByPath& last_spend, const Appraisal& appraisal)
    : budget_(budget),
      planned_(budget.segments.size() - 1),
      limit_(limit_micros),
      used_(BySegment(used)) {
  const int64_t explored = SumOf(used, decision::ExplorationPath(budget_.id));
  gone_ = std::max<int64_t>(0, SumOf(used, budget_.id) - Sum(used_) - explored);
  const int64_t left = limit_ - Sum(used_) - explored - gone_;
  over_ = std::max<int64_t>(0, -left);
  // Money that was spent before anybody planned can't be reserved any more.
  const std::vector<int64_t> reserves = Reserves(explored);
  const std::vector<int64_t> kept = CutTo(std::max<int64_t>(0, left), reserves);
  reserves_are_cut_ = kept != reserves;
  unplanned_ = used_.back() + kept[planned_];
  exploration_ = explored + kept[planned_ + 1];
  available_ = std::max<int64_t>(0, left) - kept[planned_] - kept[planned_ + 1];
  floors_.assign(kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(planned_));
  std::vector<Bounds> bounds;
  for (size_t s = 0; s < planned_; ++s) bounds.push_back({floors_[s], Room(s)});
  switch (budget_.split) {
    case rules::Split::kOptimal:
      for (size_t s = 0; s < planned_; ++s) caps_.push_back(Room(s));
      return;
    case rules::Split::kFixed:
      caps_ = floors_;
      return;
    case rules::Split::kProportionalCustomers:
    case rules::Split::kProportionalClv:
    case rules::Split::kProportionalLastSpend:
      caps_ = SplitByWeight(available_, Weights(last_spend, appraisal), bounds);
      return;
  }
}

std::vector<int64_t> Envelopes::Reserves(int64_t explored) const {
  std::vector<int64_t> reserves;
  for (size_t s = 0; s < planned_; ++s) {
    const rules::BudgetSegment& segment = budget_.segments[s];
    // A fixed split reserves all that it gives.
    const bool fixed = budget_.split == rules::Split::kFixed;
    const int64_t reserved = fixed ? segment.max_micros.value_or(0) : segment.min_micros;
    reserves.push_back(std::max<int64_t>(0, reserved - used_[s]));
  }
  reserves.push_back(std::max<int64_t>(0, budget_.unplanned_micros - used_.back()));
  const int64_t by_lot = budget_.exploration.has_value() ? budget_.exploration->limit_micros : 0;
  reserves.push_back(std::max<int64_t>(0, by_lot - explored));
  return reserves;
}

std::vector<int64_t> Envelopes::BySegment(const MicrosByPath& micros) const {
  std::vector<int64_t> sums;
  for (const rules::BudgetSegment& segment : budget_.segments) {
    sums.push_back(SumOf(micros, absl::StrCat(budget_.id, "/", segment.id)));
  }
  return sums;
}

int64_t Envelopes::Room(size_t s) const {
  const std::optional<int64_t>& max = budget_.segments[s].max_micros;
  return max.has_value() ? std::max<int64_t>(0, *max - used_[s]) : budget::kUncapped;
}

int64_t Envelopes::cap_micros(size_t s) const {
  const bool held_by_the_whole = budget_.split == rules::Split::kOptimal && caps_[s] >= available_;
  return held_by_the_whole ? budget::kUncapped : caps_[s];
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

std::vector<int64_t> Envelopes::Limits(absl::Span<const int64_t> spend) const {
  std::vector<int64_t> limits = used_;
  if (budget_.split == rules::Split::kOptimal) {
    std::vector<double> weights;
    std::vector<Bounds> bounds;
    for (size_t s = 0; s < planned_; ++s) {
      weights.push_back(static_cast<double>(spend[s]));
      bounds.push_back({std::max<int64_t>(0, floors_[s] - spend[s]), caps_[s] - spend[s]});
    }
    const std::vector<int64_t> slack = SplitByWeight(available_ - Sum(spend), weights, bounds);
    for (size_t s = 0; s < planned_; ++s) limits[s] += spend[s] + slack[s];
  } else {
    for (size_t s = 0; s < planned_; ++s) limits[s] += caps_[s];
  }
  limits.back() = unplanned_;
  return limits;
}

int64_t Envelopes::UnassignedMicros(absl::Span<const int64_t> limits) const {
  return std::max<int64_t>(0, limit_ - Sum(limits) - exploration_ - gone_);
}

}  // namespace tenure::planning
