#include "server/budget/plan_prices_general.h"

#include <algorithm>
#include <cmath>

#include "server/budget/plan_demand.h"
#include "server/budget/plan_tree.h"

namespace tenure::budget {
namespace {

constexpr int kRounds = 30;
constexpr int kSteps = 40;
constexpr double kFirstStep = 0.2, kShrink = 0.9;
constexpr double kFarthest = 64;           // steps at once
constexpr double kPrecision = 1e-10;       // of a price
constexpr double kBeyondAnyPrice = 1e280;  // finite, so that nothing is charged nothing for 0

class GeneralDemand {
 public:
  GeneralDemand(const PlanProblem& problem, const std::function<bool()>& stop)
      : problem_(problem), stop_(stop), bounds_(problem.node_count()) {
    prices_.path.assign(problem.node_count(), 0);
    prices_.side.assign(problem.side_limits.size(), 0);
    touching_.resize(problem.node_count());
    touching_side_.resize(problem.side_limits.size());
    for (uint32_t customer = 0; customer < problem.customers; ++customer) {
      Touch(customer);
      for (size_t i = problem.first[customer]; i < problem.first[customer + 1]; ++i) {
        one_node_ = one_node_ && problem.node[i] == problem.node[problem.first[customer]];
      }
    }
  }

  // `sides_first`: limits across the tree take their prices before the tree does. Moving one price
  // at a time can get stuck where two would have to move together; which order gets stuck differs.
  PlanPrices Run(bool sides_first) {
    if (sides_first) PriceSides();
    PlanPrices best = prices_;
    double best_bound = UpperBound(problem_, best);
    int stalled = 0;
    for (int round = 0; round < kRounds && stalled < 3 && !stop_(); ++round) {
      const PlanPrices before = prices_;
      Round();
      double bound = UpperBound(problem_, prices_);
      if (one_node_) GoOn(before.side, &bound);
      stalled = bound < best_bound * (1 - 1e-9) ? 0 : stalled + 1;
      if (bound < best_bound) {
        best_bound = bound;
        best = prices_;
      }
      if (prices_.path == before.path && prices_.side == before.side) break;
    }
    if (one_node_) Feel(&best, best_bound);
    return best;
  }

 private:
  void Touch(uint32_t customer) {
    const auto add = [customer](std::vector<uint32_t>* list) {
      if (list->empty() || list->back() != customer) list->push_back(customer);
    };
    for (size_t i = problem_.first[customer]; i < problem_.first[customer + 1]; ++i) {
      for (int32_t node = problem_.node[i]; node >= 0;
           node = problem_.parent[static_cast<size_t>(node)]) {
        add(&touching_[static_cast<size_t>(node)]);
      }
      for (const int32_t side : problem_.SidesOf(i))
        add(&touching_side_[static_cast<size_t>(side)]);
    }
  }

  // One price at a time goes down a narrow valley in small steps; farther the same way, as long as
  // the bound falls, it is few (Hooke and Jeeves, 1961, "Direct Search": the pattern move).
  void GoOn(const std::vector<double>& from, double* bound) {
    const std::vector<double> to = prices_.side;
    for (double factor = 1; factor <= kFarthest && !stop_(); factor *= 2) {
      const PlanPrices here = prices_;
      for (size_t s = 0; s < to.size(); ++s) {
        prices_.side[s] = std::max(0.0, to[s] + factor * (to[s] - from[s]));
      }
      PriceTree();
      const double there = UpperBound(problem_, prices_);
      if (!(there < *bound)) {
        prices_ = here;
        return;
      }
      *bound = there;
    }
  }

  // Where one price at a time is stuck: all at once, by how far each limit is over or under its
  // cap, in steps that shrink (the price adjustment of Walras, a subgradient step in logarithms).
  void Feel(PlanPrices* best, double best_bound) {
    prices_ = *best;
    double step = kFirstStep;
    for (int i = 0; i < kSteps && !stop_(); ++i, step *= kShrink) {
      const std::vector<double> used = SideUsage();
      for (size_t s = 0; s < used.size(); ++s) {
        const auto cap = static_cast<double>(std::max<int64_t>(problem_.side_limits[s].cap, 1));
        prices_.side[s] *= std::exp(step * std::clamp((used[s] - cap) / cap, -1.0, 1.0));
      }
      PriceTree();
      const double bound = UpperBound(problem_, prices_);
      if (bound < best_bound) {
        best_bound = bound;
        *best = prices_;
      }
    }
  }

  std::vector<double> SideUsage() const {
    std::vector<double> used(problem_.side_limits.size(), 0);
    for (uint32_t customer = 0; customer < problem_.customers; ++customer) {
      const int64_t best = Best(customer);
      if (best < 0) continue;
      for (const int32_t side : problem_.SidesOf(static_cast<size_t>(best))) {
        used[static_cast<size_t>(side)] +=
            static_cast<double>(problem_.SideMeasure(side, static_cast<size_t>(best)));
      }
    }
    return used;
  }

  void Round() {
    if (one_node_) {
      PriceTree();
    } else {
      PriceNodes();
    }
    PriceSides();
  }

  // Exact for the side prices that stand: scores without them are a separable problem's values.
  void PriceTree() {
    PlanProblem net = problem_;
    net.side_limits.clear();
    net.sides_of_offer.clear();
    const PlanPrices sides{std::vector<double>(problem_.node_count(), 0), prices_.side};
    for (size_t i = 0; i < net.value.size(); ++i) net.value[i] = Score(problem_, sides, i);
    prices_.path = PricesOfTree(net, CurvesOf(IncrementsByNode(net)));
  }

  void PriceNodes() {
    for (auto node = problem_.top_down.rbegin(); node != problem_.top_down.rend(); ++node) {
      const auto at = static_cast<size_t>(*node);
      if (stop_()) return;
      const auto usage = [&](double price) { return Usage(*node, price); };
      if (problem_.cap[at] != kUncapped) {
        bounds_[at].low = Lowest(usage, problem_.cap[at], bounds_[at].low);
      }
      if (problem_.floor[at] > 0) {
        bounds_[at].high =
            std::max(bounds_[at].low, Lowest(usage, problem_.floor[at], bounds_[at].high));
      }
      const int32_t up = problem_.parent[at];
      prices_.path[at] = bounds_[at].Bring(up < 0 ? 0 : prices_.path[static_cast<size_t>(up)]);
      SetPricesBelow(problem_, bounds_, *node, &prices_.path);
    }
  }

  void PriceSides() {
    for (size_t side = 0; side < problem_.side_limits.size(); ++side) {
      if (stop_()) return;
      prices_.side[side] = SidePrice(side);
    }
  }

  // The lowest price at which the limit holds while the others stand: customers are asked once what
  // they would take more of it as it gets cheaper, the corners of a hull of their scores without
  // it.
  double SidePrice(size_t side) {
    prices_.side[side] = 0;
    std::vector<Increment> increments;
    for (const uint32_t customer : touching_side_[side]) AppendSteps(side, customer, &increments);
    std::sort(increments.begin(), increments.end(),
              [](const Increment& a, const Increment& b) { return a.efficiency > b.efficiency; });
    int64_t used = 0;
    for (const Increment& increment : increments) {
      if (increment.charge > problem_.side_limits[side].cap - used) return increment.efficiency;
      used += increment.charge;
    }
    return 0;
  }

  bool Counts(size_t side, size_t candidate) const {
    const std::vector<int32_t>& sides = problem_.SidesOf(candidate);
    return std::find(sides.begin(), sides.end(), static_cast<int32_t>(side)) != sides.end();
  }

  void AppendSteps(size_t side, uint32_t customer, std::vector<Increment>* increments) {
    double base = 0;  // without anything that the limit counts
    points_.clear();
    for (size_t i = problem_.first[customer]; i < problem_.first[customer + 1]; ++i) {
      const double score = Score(problem_, prices_, i);
      const int64_t measure =
          Counts(side, i) ? problem_.SideMeasure(static_cast<int32_t>(side), i) : 0;
      if (measure == 0) {
        base = std::max(base, score);
      } else {
        points_.emplace_back(measure, score);
      }
    }
    std::sort(points_.begin(), points_.end());
    size_t corners = 0;
    for (const auto& [measure, score] : points_) {
      for (;;) {
        const double before = corners == 0 ? base : points_[corners - 1].second;
        const int64_t step = measure - (corners == 0 ? 0 : points_[corners - 1].first);
        if (score <= before) break;
        const double slope = (score - before) / static_cast<double>(step);
        if (corners > 0 && (step == 0 || slope >= increments->back().efficiency)) {
          increments->pop_back();
          --corners;
          continue;
        }
        increments->push_back({slope, step});
        points_[corners++] = {measure, score};
        break;
      }
    }
  }

  // The best candidate at the prices that stand, the cheaper one among equals; -1 for none.
  int64_t Best(uint32_t customer) const {
    int64_t best = -1;
    double best_score = 0;
    for (size_t i = problem_.first[customer]; i < problem_.first[customer + 1]; ++i) {
      const double score = Score(problem_, prices_, i);
      if (score < best_score || score <= 0) continue;
      if (best < 0 || score > best_score ||
          problem_.charge[i] < problem_.charge[static_cast<size_t>(best)]) {
        best = static_cast<int64_t>(i);
        best_score = score;
      }
    }
    return best;
  }

  double Usage(int32_t node, double price) {
    prices_.path[static_cast<size_t>(node)] = price;
    SetPricesBelow(problem_, bounds_, node, &prices_.path);
    own_.assign(problem_.node_count(), 0);
    for (const uint32_t customer : touching_[static_cast<size_t>(node)]) {
      if (const int64_t best = Best(customer); best >= 0) {
        own_[static_cast<size_t>(problem_.node[static_cast<size_t>(best)])] +=
            static_cast<double>(problem_.charge[static_cast<size_t>(best)]);
      }
    }
    return UsageBelow(node);
  }
  double UsageBelow(int32_t node) const {
    double usage = own_[static_cast<size_t>(node)];
    const double price = prices_.path[static_cast<size_t>(node)];
    for (const int32_t child : problem_.children[static_cast<size_t>(node)]) {
      const auto below = static_cast<size_t>(child);
      // As in plan_demand.cc: below the price at which its cap just holds, a child fills it.
      const double its =
          price < bounds_[below].low ? static_cast<double>(problem_.cap[below]) : UsageBelow(child);
      usage += std::max(its, static_cast<double>(problem_.floor[below]));
    }
    return usage;
  }

  // The lowest price, to kPrecision, at which `usage` fits the target; infinite when none does.
  // Starts around where it was the round before.
  template <typename UsageAt>
  double Lowest(UsageAt usage, int64_t target_micros, double guess) {
    const auto target = static_cast<double>(target_micros);
    if (usage(0) <= target) return 0;
    if (usage(kBeyondAnyPrice) > target) return std::numeric_limits<double>::infinity();
    double above = 0;
    double fits = std::isfinite(guess) && guess > 0 ? guess * (1 + 1e-6) : 1e-6;
    while (usage(fits) > target) {
      above = fits;
      fits *= 4;
    }
    if (above == 0) {
      for (double low = fits * (1 - 2e-6); low > 0; low = low / 4) {
        if (usage(low) > target) {
          above = low;
          break;
        }
        fits = low;
      }
    }
    while (fits - above > kPrecision * fits) {
      const double middle = above + (fits - above) / 2;
      (usage(middle) <= target ? fits : above) = middle;
    }
    return fits;
  }

  const PlanProblem& problem_;
  const std::function<bool()>& stop_;
  std::vector<PriceBounds> bounds_;
  PlanPrices prices_;
  std::vector<std::vector<uint32_t>> touching_;  // customers per node, those below it included
  std::vector<std::vector<uint32_t>> touching_side_;
  std::vector<double> own_;
  bool one_node_ = true;                            // every customer is charged to one node
  std::vector<std::pair<int64_t, double>> points_;  // of one customer: measure and score
};

}  // namespace

PlanPrices FindGeneralPrices(const PlanProblem& problem, const std::function<bool()>& stop) {
  PlanPrices best = GeneralDemand(problem, stop).Run(false);
  if (problem.side_limits.empty() || stop()) return best;
  PlanPrices other = GeneralDemand(problem, stop).Run(true);
  return UpperBound(problem, other) < UpperBound(problem, best) ? other : best;
}

}  // namespace tenure::budget
