#include "server/budget/plan_prices.h"

#include <algorithm>
#include <cmath>

#include "server/budget/plan_demand.h"
#include "server/budget/plan_prices_general.h"
#include "server/budget/plan_sum.h"

namespace tenure::budget {

double Score(const PlanProblem& problem, const PlanPrices& prices, size_t candidate) {
  double score =
      problem.value[candidate] - prices.path[static_cast<size_t>(problem.node[candidate])] *
                                     static_cast<double>(problem.charge[candidate]);
  if (problem.side_limits.empty()) return score;
  for (const int32_t side : problem.SidesOf(candidate)) {
    score -= prices.side[static_cast<size_t>(side)] *
             static_cast<double>(problem.SideMeasure(side, candidate));
  }
  return score;
}

double UpperBound(const PlanProblem& problem, const PlanPrices& prices) {
  ExactSum sum;
  ExactSum size;  // of all that was rounded
  for (size_t node = 0; node < problem.node_count(); ++node) {
    const int32_t up = problem.parent[node];
    const double y = prices.path[node] - (up < 0 ? 0 : prices.path[static_cast<size_t>(up)]);
    if (problem.base[node] != 0) {
      const double paid = prices.path[node] * static_cast<double>(problem.base[node]);
      sum.Add(-paid);
      size.Add(paid);
    }
    if (y == 0) continue;
    const double term = y * static_cast<double>(y > 0 ? problem.cap[node] : problem.floor[node]);
    sum.Add(term);
    size.Add(std::abs(term) + (up < 0 ? 0
                                      : prices.path[static_cast<size_t>(up)] *
                                            static_cast<double>(problem.floor[node])));
  }
  for (size_t side = 0; side < problem.side_limits.size(); ++side) {
    const double term = prices.side[side] * static_cast<double>(problem.side_limits[side].cap);
    if (prices.side[side] == 0) continue;
    sum.Add(term);
    size.Add(term);
  }
  for (uint32_t customer = 0; customer < problem.customers; ++customer) {
    double best = 0;
    double value = 0;
    for (size_t i = problem.first[customer]; i < problem.first[customer + 1]; ++i) {
      const double score = Score(problem, prices, i);
      if (score > best) best = score;
      if (problem.value[i] > value) value = problem.value[i];
    }
    if (best > 0) sum.Add(best);
    size.Add(value);
  }
  // Each term carries a few roundings of at most its largest part: eight of 2^-53 are more than
  // there are.
  const double bound = sum.value() + 8 * 0x1.0p-53 * size.value();
  return bound;
}

PlanPrices FindPlanPrices(const PlanProblem& problem, const std::function<bool()>& stop) {
  PlanPrices prices;
  prices.side.assign(problem.side_limits.size(), 0);
  if (!problem.separable) return FindGeneralPrices(problem, stop);
  prices.path = PricesOfTree(problem, CurvesOf(IncrementsByNode(problem)));
  return prices;
}

}  // namespace tenure::budget
