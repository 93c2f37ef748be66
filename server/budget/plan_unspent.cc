#include "server/budget/plan_unspent.h"

#include <algorithm>

namespace tenure::budget {

UnspentReasons::UnspentReasons(const PlanInput& input, const PlanProblem& problem,
                               const PlanChoice& plan)
    : problem_(problem),
      plan_(plan),
      nodes_(problem.node_count()),
      sides_(problem.side_limits.size()) {
  for (uint32_t customer = 0; customer < problem.customers; ++customer) {
    for (size_t i = problem.first[customer]; i < problem.first[customer + 1]; ++i) {
      Look(customer,
           {customer, problem.node[i], problem.offer[i], problem.charge[i], problem.value[i]});
    }
  }
  for (const int32_t at : problem.never_fit) {
    const Candidate& candidate = input.candidates[static_cast<size_t>(at)];
    Look(candidate.customer, candidate);
  }
}

void UnspentReasons::Look(uint32_t customer, const Candidate& candidate) {
  const bool better = candidate.value > plan_.value(customer);
  const int64_t chosen = plan_.chosen(customer);
  const auto now = static_cast<size_t>(chosen);  // where there is one
  const bool same = chosen != PlanChoice::kNone && problem_.node[now] == candidate.node;
  const int64_t step = candidate.charge_micros - (same ? problem_.charge[now] : 0);
  for (int32_t node = candidate.node; node >= 0;
       node = problem_.parent[static_cast<size_t>(node)]) {
    Steps& steps = nodes_[static_cast<size_t>(node)];
    steps.any = true;
    if (better) steps.Add(step);
  }
  if (problem_.side_limits.empty()) return;
  for (const int32_t side : problem_.SidesOfOffer(candidate.offer)) {
    const auto s = static_cast<size_t>(side);
    sides_[s].any = true;
    if (!better) continue;
    const bool count = problem_.side_limits[s].measure == SideLimit::Measure::kCount;
    int64_t more = count ? 1 : candidate.charge_micros;
    if (chosen != PlanChoice::kNone) {
      const std::vector<int32_t>& its = problem_.SidesOf(now);
      if (std::find(its.begin(), its.end(), side) != its.end()) {
        more -= problem_.SideMeasure(side, now);
      }
    }
    sides_[s].Add(more);
  }
}

Unspent UnspentReasons::OfNode(size_t node, int64_t unspent) const {
  if (unspent == 0) return Unspent::kNone;
  const Steps& steps = nodes_[node];
  const int64_t free = problem_.cap[node] - plan_.usage(static_cast<int32_t>(node));
  if (!steps.any) return free > 0 ? Unspent::kNoPositiveSlope : Unspent::kReserved;
  if (steps.smallest == kUncapped) return Unspent::kAllAtMax;
  if (steps.smallest > unspent) return Unspent::kGranularity;
  return steps.smallest > free ? Unspent::kReserved : Unspent::kLimitedElsewhere;
}

Unspent UnspentReasons::OfSide(size_t side, int64_t unspent) const {
  if (unspent == 0) return Unspent::kNone;
  const Steps& steps = sides_[side];
  if (!steps.any) return Unspent::kNoPositiveSlope;
  if (steps.smallest == kUncapped) return Unspent::kAllAtMax;
  return steps.smallest > unspent ? Unspent::kGranularity : Unspent::kLimitedElsewhere;
}

}  // namespace tenure::budget
