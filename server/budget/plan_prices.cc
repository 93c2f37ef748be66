#include "server/budget/plan_prices.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "server/budget/plan_hull.h"
#include "server/budget/plan_prices_general.h"
#include "server/budget/plan_tree.h"

namespace tenure::budget {
namespace {

// What is charged at one node as a function of the price: the increments dearer than it.
class DemandCurve {
 public:
  void Build(std::vector<Increment> increments) {
    std::sort(increments.begin(), increments.end(),
              [](const Increment& a, const Increment& b) { return a.efficiency > b.efficiency; });
    int64_t sum = 0;
    for (const Increment& increment : increments) {
      // Sums beyond int64 are above every cap: they may stick at the largest.
      if (__builtin_add_overflow(sum, increment.charge, &sum)) sum = kUncapped;
      if (!efficiency_.empty() && efficiency_.back() == increment.efficiency) {
        charge_.back() = sum;
      } else {
        efficiency_.push_back(increment.efficiency);
        charge_.push_back(sum);
      }
    }
  }
  int64_t At(double price) const {
    const auto end = std::lower_bound(efficiency_.begin(), efficiency_.end(), price,
                                      [](double e, double p) { return e > p; });
    return end == efficiency_.begin() ? 0
                                      : charge_[static_cast<size_t>(end - efficiency_.begin()) - 1];
  }

 private:
  std::vector<double> efficiency_;  // falling
  std::vector<int64_t> charge_;     // charged at any price below it
};

int64_t AddCapped(int64_t a, int64_t b) {
  int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? kUncapped : sum;
}

class TreeDemand {
 public:
  explicit TreeDemand(const PlanProblem& problem)
      : problem_(problem), curves_(problem.node_count()), bounds_(problem.node_count()) {
    std::vector<std::vector<Increment>> increments(problem.node_count());
    std::vector<uint32_t> points;
    for (uint32_t customer = 0; customer < problem.customers; ++customer) {
      if (problem.first[customer] == problem.first[customer + 1]) continue;
      const auto node = static_cast<size_t>(problem.node[problem.first[customer]]);
      AppendIncrements(problem, customer, &points, &increments[node]);
    }
    for (size_t node = 0; node < curves_.size(); ++node) {
      curves_[node].Build(std::move(increments[node]));
    }
  }

  std::vector<double> Prices() {
    for (auto node = problem_.top_down.rbegin(); node != problem_.top_down.rend(); ++node) {
      const auto at = static_cast<size_t>(*node);
      if (problem_.cap[at] != kUncapped) bounds_[at].low = PriceAt(*node, problem_.cap[at]);
      if (problem_.floor[at] > 0) bounds_[at].high = PriceAt(*node, problem_.floor[at]);
    }
    std::vector<double> path(problem_.node_count());
    for (const int32_t node : problem_.top_down) {
      const auto at = static_cast<size_t>(node);
      if (problem_.parent[at] >= 0) continue;
      path[at] = bounds_[at].low;
      SetPricesBelow(problem_, bounds_, node, &path);
    }
    return path;
  }

 private:
  // What the node uses at that price of its path; children count at least their floors.
  int64_t Usage(int32_t node, double price) const {
    const auto at = static_cast<size_t>(node);
    int64_t usage = curves_[at].At(price);
    for (const int32_t child : problem_.children[at]) {
      const auto below = static_cast<size_t>(child);
      usage = AddCapped(usage,
                        std::max(problem_.floor[below], Usage(child, bounds_[below].Bring(price))));
    }
    return usage;
  }

  // The lowest price at which the node uses at most `target`; infinite when there is none. Doubles
  // >= 0 are ordered as their bits, so that halving ends at the exact one.
  double PriceAt(int32_t node, int64_t target) const {
    const double infinity = std::numeric_limits<double>::infinity();
    if (Usage(node, 0) <= target) return 0;
    if (Usage(node, infinity) > target) return infinity;
    uint64_t above = 0;
    uint64_t fits = 0;
    std::memcpy(&fits, &infinity, sizeof(fits));
    while (fits - above > 1) {
      const uint64_t middle = above + (fits - above) / 2;
      double price = 0;
      std::memcpy(&price, &middle, sizeof(price));
      (Usage(node, price) <= target ? fits : above) = middle;
    }
    double price = 0;
    std::memcpy(&price, &fits, sizeof(price));
    return price;
  }

  const PlanProblem& problem_;
  std::vector<DemandCurve> curves_;
  std::vector<PriceBounds> bounds_;
};

// Neumaier's sum: the error stays near one rounding however many terms there are.
class ExactSum {
 public:
  void Add(double term) {
    const double sum = sum_ + term;
    rest_ += std::abs(sum_) >= std::abs(term) ? (sum_ - sum) + term : (term - sum) + sum_;
    sum_ = sum;
  }
  double value() const { return sum_ + rest_; }

 private:
  double sum_ = 0;
  double rest_ = 0;
};

}  // namespace

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
  prices.path = TreeDemand(problem).Prices();
  return prices;
}

}  // namespace tenure::budget
