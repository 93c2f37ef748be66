#include "server/budget/plan_demand.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "server/budget/plan_amount.h"
#include "server/budget/plan_tree.h"

namespace tenure::budget {
namespace {

constexpr double kMostMicros = 9e18;

class TreeDemand {
 public:
  TreeDemand(const PlanProblem& tree, const std::vector<DemandCurve>& curves)
      : problem_(tree), curves_(curves), bounds_(tree.node_count()) {
    for (auto node = tree.top_down.rbegin(); node != tree.top_down.rend(); ++node) {
      bounds_[static_cast<size_t>(*node)] = BoundsOf(*node, tree);
    }
  }

  std::vector<double> Prices() const { return Prices(bounds_); }

  // The prices if every node had the other's limits itself, but all below it these.
  std::vector<double> PricesWithLimitsOf(const PlanProblem& other) const {
    std::vector<PriceBounds> bounds;
    for (size_t node = 0; node < problem_.node_count(); ++node) {
      bounds.push_back(BoundsOf(static_cast<int32_t>(node), other));
    }
    return Prices(bounds);
  }

 private:
  PriceBounds BoundsOf(int32_t node, const PlanProblem& limits) const {
    const auto at = static_cast<size_t>(node);
    PriceBounds bounds;
    if (limits.cap[at] != kUncapped) bounds.low = PriceAt(node, limits.cap[at]);
    if (limits.floor[at] > 0) bounds.high = PriceAt(node, limits.floor[at]);
    return bounds;
  }

  std::vector<double> Prices(const std::vector<PriceBounds>& bounds) const {
    std::vector<double> path(problem_.node_count());
    for (const int32_t node : problem_.top_down) {
      const auto at = static_cast<size_t>(node);
      if (problem_.parent[at] >= 0) continue;
      path[at] = bounds[at].low;
      SetPricesBelow(problem_, bounds, node, &path);
    }
    return path;
  }

  // What the node uses at that price of its path; children count at least their floors. Below the
  // price at which its cap just holds, a child fills it: the relaxation splits the last customer.
  int64_t Usage(int32_t node, double price) const {
    const auto at = static_cast<size_t>(node);
    int64_t usage = AddCapped(problem_.base[at], curves_[at].At(price));
    for (const int32_t child : problem_.children[at]) {
      const auto below = static_cast<size_t>(child);
      const int64_t its = price < bounds_[below].low ? problem_.cap[below]
                                                     : Usage(child, bounds_[below].Bring(price));
      usage = AddCapped(usage, std::max(problem_.floor[below], its));
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
  const std::vector<DemandCurve>& curves_;
  std::vector<PriceBounds> bounds_;
};

}  // namespace

std::vector<std::vector<Increment>> IncrementsByNode(const PlanProblem& problem) {
  std::vector<std::vector<Increment>> increments(problem.node_count());
  std::vector<uint32_t> points;
  for (uint32_t customer = 0; customer < problem.customers; ++customer) {
    if (problem.first[customer] == problem.first[customer + 1]) continue;
    const auto node = static_cast<size_t>(problem.node[problem.first[customer]]);
    AppendIncrements(problem, customer, &points, &increments[node]);
  }
  return increments;
}

DemandCurve::DemandCurve(std::vector<Increment> increments) {
  std::sort(increments.begin(), increments.end(),
            [](const Increment& a, const Increment& b) { return a.efficiency > b.efficiency; });
  int64_t sum = 0;
  for (const Increment& increment : increments) {
    sum = AddCapped(sum, increment.charge);
    if (!efficiency_.empty() && efficiency_.back() == increment.efficiency) {
      charge_.back() = sum;
    } else {
      efficiency_.push_back(increment.efficiency);
      charge_.push_back(sum);
    }
  }
}

int64_t DemandCurve::At(double price) const {
  const auto end = std::lower_bound(efficiency_.begin(), efficiency_.end(), price,
                                    [](double e, double p) { return e > p; });
  return end == efficiency_.begin() ? 0
                                    : charge_[static_cast<size_t>(end - efficiency_.begin()) - 1];
}

std::vector<DemandCurve> CurvesOf(std::vector<std::vector<Increment>> increments) {
  std::vector<DemandCurve> curves;
  curves.reserve(increments.size());
  for (std::vector<Increment>& its : increments) curves.emplace_back(std::move(its));
  return curves;
}

std::vector<double> PricesOfTree(const PlanProblem& tree, const std::vector<DemandCurve>& curves) {
  return TreeDemand(tree, curves).Prices();
}

PathRange PricesWithin(const PlanProblem& tree, const std::vector<DemandCurve>& curves,
                       const std::vector<double>& error) {
  PlanProblem smaller = tree;
  PlanProblem larger = tree;
  for (size_t node = 0; node < tree.node_count(); ++node) {
    const auto move = [&](int64_t micros, double by) -> int64_t {
      return std::llround(std::clamp(static_cast<double>(micros) + by, 0.0, kMostMicros));
    };
    if (tree.floor[node] > 0) {
      smaller.floor[node] = move(tree.floor[node], -error[node]);
      larger.floor[node] = move(tree.floor[node], error[node]);
    }
    if (tree.cap[node] == kUncapped) continue;
    smaller.cap[node] = std::max(smaller.floor[node], move(tree.cap[node], -error[node]));
    larger.cap[node] = std::max(larger.floor[node], move(tree.cap[node], error[node]));
  }
  // A node's price is lowest where its own limit is larger, but those below it, which leave it less
  // demand then, are smaller.
  return {TreeDemand(smaller, curves).PricesWithLimitsOf(larger),
          TreeDemand(larger, curves).PricesWithLimitsOf(smaller)};
}

}  // namespace tenure::budget
