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
      std::optional<PlanStep>& last = node->last_funded;
      if (!last.has_value() || step.value_per_unit < last->value_per_unit ||
          (step.value_per_unit == last->value_per_unit && First(step, *last))) {
        last = step;
      }
    });
  }
  void Unfunded(const PlanStep& step) {
    ForPath(at(step.to).node, [&](NodeReasons* node) {
      std::optional<PlanStep>& best = node->best_unfunded;
      if (!best.has_value() || step.value_per_unit > best->value_per_unit ||
          (step.value_per_unit == best->value_per_unit && First(step, *best))) {
        best = step;
      }
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

}  // namespace tenure::budget
