#include "server/budget/plan_reasons.h"

#include <algorithm>
#include <limits>

#include "server/base/money.h"

namespace tenure::budget {
namespace {

class Reasons {
 public:
  Reasons(const PlanInput& input, const PlanResult& result)
      : input_(input), result_(result), nodes_(input.nodes.size()), seen_(input.customers) {
    for (size_t side = 0; side < input.side_limits.size(); ++side) {
      for (const int32_t offer : input.side_limits[side].offers) {
        const auto at = static_cast<size_t>(offer);
        if (at >= sides_of_offer_.size()) sides_of_offer_.resize(at + 1);
        sides_of_offer_[at].push_back(side);
      }
    }
  }

  // Of one limit across the tree.
  NodeReasons FindSide(size_t side) {
    NodeReasons its;
    its.one_more_unit = result_.side_price[side];
    seen_.assign(seen_.size(), false);
    for (int32_t i = 0; i < static_cast<int32_t>(input_.candidates.size()); ++i) {
      const Candidate& candidate = at(i);
      if (Measure(side, i) == 0) continue;
      const int32_t chosen = result_.choice[candidate.customer];
      if (candidate.value > 0 && !seen_[candidate.customer]) {
        seen_[candidate.customer] = true;
        ++its.customers;
      }
      if (chosen == i) {
        ++its.chosen;
        if (const PlanStep step = SideStepOf(side, -1, i); Better(step, its.last_funded, -1)) {
          its.last_funded = step;
        }
      } else if (candidate.value > 0 && Measure(side, chosen) > Measure(side, i)) {
        if (const PlanStep step = SideStepOf(side, i, chosen); Better(step, its.last_funded, -1)) {
          its.last_funded = step;
        }
      } else if (Measure(side, i) > Measure(side, chosen)) {
        const PlanStep step = SideStepOf(side, chosen, i);
        if (step.value > 0 && Better(step, its.best_unfunded, 1)) its.best_unfunded = step;
      }
    }
    return its;
  }

  std::vector<NodeReasons> Find() {
    for (size_t node = 0; node < nodes_.size(); ++node) {
      nodes_[node].one_more_unit = result_.path_price[node];
      nodes_[node].floor_price = std::max(0.0, -result_.price[node]);
    }
    for (size_t i = 0; i < input_.candidates.size(); ++i) Look(static_cast<int32_t>(i));
    return std::move(nodes_);
  }

 private:
  const Candidate& at(int32_t i) const { return input_.candidates[static_cast<size_t>(i)]; }

  double NetValue(const Candidate& candidate) const {
    double value = candidate.value;
    const auto offer = static_cast<size_t>(candidate.offer);
    if (offer >= sides_of_offer_.size()) return value;
    for (const size_t side : sides_of_offer_[offer]) {
      const bool count = input_.side_limits[side].measure == SideLimit::Measure::kCount;
      value -= result_.side_price[side] * (count ? 1 : UnitsFromMicros(candidate.charge_micros));
    }
    return value;
  }

  // What the candidate takes of a limit across the tree, units of the currency or pieces; 0 for -1.
  double Measure(size_t side, int32_t i) const {
    if (i < 0) return 0;
    const auto offer = static_cast<size_t>(at(i).offer);
    if (offer >= sides_of_offer_.size()) return 0;
    const std::vector<size_t>& sides = sides_of_offer_[offer];
    if (std::find(sides.begin(), sides.end(), side) == sides.end()) return 0;
    const bool count = input_.side_limits[side].measure == SideLimit::Measure::kCount;
    return count ? 1 : UnitsFromMicros(at(i).charge_micros);
  }

  PlanStep SideStepOf(size_t side, int32_t from, int32_t to) const {
    const auto net = [this](int32_t i) {
      return i < 0 ? 0
                   : NetValue(at(i)) - result_.path_price[static_cast<size_t>(at(i).node)] *
                                           UnitsFromMicros(at(i).charge_micros);
    };
    const double more = Measure(side, to) - Measure(side, from);
    PlanStep step{at(to).customer, from, to, at(to).charge_micros, 0, 0};
    if (from >= 0) step.charge_micros -= at(from).charge_micros;
    step.value = net(to) - net(from) + result_.side_price[side] * more;
    step.value_per_unit = step.value / more;
    return step;
  }

  // `sign` -1: the smaller value per unit is looked for.
  bool Better(const PlanStep& step, const std::optional<PlanStep>& than, int sign) const {
    if (!than.has_value()) return true;
    const double a = sign * step.value_per_unit;  // may be infinite
    const double b = sign * than->value_per_unit;
    return a > b || (a == b && First(step, *than));
  }

  PlanStep StepOf(int32_t from, int32_t to) const {
    const Candidate& dearer = at(to);
    PlanStep step{dearer.customer, from, to, dearer.charge_micros, NetValue(dearer), 0};
    if (from >= 0) {
      step.value -= NetValue(at(from));
      // Another node's money is not this one's.
      if (at(from).node == dearer.node) step.charge_micros -= at(from).charge_micros;
    }
    step.value_per_unit = step.charge_micros > 0 ? step.value / UnitsFromMicros(step.charge_micros)
                                                 : std::numeric_limits<double>::infinity();
    return step;
  }

  void Look(int32_t i) {
    const Candidate& candidate = at(i);
    const int32_t chosen = result_.choice[candidate.customer];
    if (candidate.value > 0 && !seen_[candidate.customer]) {
      seen_[candidate.customer] = true;
      ForPath(candidate.node, [](NodeReasons* node) { ++node->customers; });
    }
    if (chosen == i) {
      ForPath(candidate.node, [](NodeReasons* node) { ++node->chosen; });
      if (candidate.charge_micros > 0) Funded(StepOf(-1, i));
      return;
    }
    const bool same_node = chosen >= 0 && at(chosen).node == candidate.node;
    if (same_node && candidate.charge_micros < at(chosen).charge_micros && candidate.value > 0) {
      Funded(StepOf(i, chosen));
    } else if (const PlanStep step = StepOf(chosen, i); step.value > 0) {
      Unfunded(step);
    }
  }

  void Funded(const PlanStep& step) {
    ForPath(at(step.to).node, [&](NodeReasons* node) {
      if (Better(step, node->last_funded, -1)) node->last_funded = step;
    });
  }
  void Unfunded(const PlanStep& step) {
    ForPath(at(step.to).node, [&](NodeReasons* node) {
      if (Better(step, node->best_unfunded, 1)) node->best_unfunded = step;
    });
  }
  // By customer, then offers: no order of rows is seen.
  bool First(const PlanStep& a, const PlanStep& b) const {
    if (a.customer != b.customer) return a.customer < b.customer;
    if (at(a.to).offer != at(b.to).offer) return at(a.to).offer < at(b.to).offer;
    return b.from >= 0 && (a.from < 0 || at(a.from).offer < at(b.from).offer);
  }

  template <typename Visit>
  void ForPath(int32_t node, Visit visit) {
    for (; node >= 0; node = input_.nodes[static_cast<size_t>(node)].parent) {
      visit(&nodes_[static_cast<size_t>(node)]);
    }
  }

  const PlanInput& input_;
  const PlanResult& result_;
  std::vector<NodeReasons> nodes_;
  std::vector<bool> seen_;  // customers counted already
  std::vector<std::vector<size_t>> sides_of_offer_;
};

}  // namespace

std::vector<NodeReasons> FindReasons(const PlanInput& input, const PlanResult& result) {
  return Reasons(input, result).Find();
}

std::vector<NodeReasons> FindSideReasons(const PlanInput& input, const PlanResult& result) {
  std::vector<NodeReasons> sides;
  Reasons reasons(input, result);
  for (size_t side = 0; side < input.side_limits.size(); ++side) {
    sides.push_back(reasons.FindSide(side));
  }
  return sides;
}

}  // namespace tenure::budget
