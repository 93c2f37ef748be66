#include "server/budget/plan_choice.h"

#include <algorithm>
#include <cmath>

namespace tenure::budget {
namespace {

// Upgrades tried in one fill: beyond these the loss is too large to matter.
constexpr size_t kUpgrades = 100'000;

struct Upgrade {
  double loss;
  uint32_t customer;
  uint32_t candidate;
};

bool SmallerLoss(const Upgrade& a, const Upgrade& b) {
  return a.loss != b.loss ? a.loss < b.loss : a.candidate < b.candidate;
}

// The best candidate at the prices, scores equal within their rounding counting as equal and the
// smaller charge winning; and how much less the next best is worth.
struct Favourite {
  int64_t candidate = PlanChoice::kNone;
  double score = 0;
  double regret = 0;
};

Favourite FindFavourite(const PlanProblem& problem, const PlanPrices& prices, uint32_t customer) {
  Favourite best;
  for (size_t i = problem.first[customer]; i < problem.first[customer + 1]; ++i) {
    const double score = Score(problem, prices, i);
    const double margin = 1e-13 * problem.value[i];
    const double lead = score - best.score;
    const bool cheaper = best.candidate != PlanChoice::kNone &&
                         problem.charge[i] < problem.charge[static_cast<size_t>(best.candidate)];
    if (lead > margin || (lead >= -margin && cheaper)) {
      best.regret = std::max(0.0, lead);
      best.score = score;
      best.candidate = static_cast<int64_t>(i);
    } else {
      best.regret = std::min(best.regret, std::max(0.0, -lead));
    }
  }
  return best;
}

}  // namespace

PlanChoice::PlanChoice(const PlanProblem& problem)
    : problem_(problem),
      chosen_(problem.customers, kNone),
      usage_(problem),
      side_used_(problem.side_limits.size(), 0) {}

bool PlanChoice::Add(size_t candidate) {
  const auto& sides = problem_.SidesOf(candidate);
  for (const int32_t side : sides) {
    const auto s = static_cast<size_t>(side);
    if (problem_.SideMeasure(side, candidate) > problem_.side_limits[s].cap - side_used_[s]) {
      return false;
    }
  }
  if (!usage_.Use(problem_.node[candidate], problem_.charge[candidate])) return false;
  for (const int32_t side : sides) {
    side_used_[static_cast<size_t>(side)] += problem_.SideMeasure(side, candidate);
  }
  return true;
}

void PlanChoice::Remove(size_t candidate) {
  usage_.Free(problem_.node[candidate], problem_.charge[candidate]);
  for (const int32_t side : problem_.SidesOf(candidate)) {
    side_used_[static_cast<size_t>(side)] -= problem_.SideMeasure(side, candidate);
  }
}

bool PlanChoice::Move(uint32_t customer, int64_t candidate) {
  const int64_t from = chosen_[customer];
  if (from == candidate) return true;
  if (from != kNone) Remove(static_cast<size_t>(from));
  if (candidate != kNone && !Add(static_cast<size_t>(candidate))) {
    if (from != kNone) Add(static_cast<size_t>(from));
    return false;
  }
  chosen_[customer] = candidate;
  return true;
}

double PlanChoice::value(uint32_t customer) const {
  const int64_t chosen = chosen_[customer];
  return chosen == kNone ? 0 : problem_.value[static_cast<size_t>(chosen)];
}

double PlanChoice::TotalValue() const {
  double sum = 0;
  double rest = 0;  // Neumaier; all terms are positive
  for (uint32_t customer = 0; customer < problem_.customers; ++customer) {
    const double term = value(customer);
    const double next = sum + term;
    rest += sum >= term ? (sum - next) + term : (term - next) + sum;
    sum = next;
  }
  return sum + rest;
}

bool FillPlan(const PlanProblem& problem, const PlanPrices& prices, PlanChoice* plan) {
  std::vector<Upgrade> upgrades;
  const auto keep_best = [&upgrades](size_t size) {
    if (upgrades.size() <= size) return;
    std::nth_element(upgrades.begin(), upgrades.begin() + static_cast<std::ptrdiff_t>(size),
                     upgrades.end(), SmallerLoss);
    upgrades.resize(size);
  };
  const std::vector<int64_t> room = RoomOnPaths(problem, plan->usage());
  for (uint32_t customer = 0; customer < problem.customers; ++customer) {
    const double now = plan->value(customer);
    const int64_t chosen = plan->chosen(customer);
    const auto fits = [&](size_t i) {
      const bool same = chosen != PlanChoice::kNone &&
                        problem.node[static_cast<size_t>(chosen)] == problem.node[i];
      const int64_t freed = same ? problem.charge[static_cast<size_t>(chosen)] : 0;
      return problem.charge[i] - freed <= room[static_cast<size_t>(problem.node[i])];
    };
    bool any = false;
    for (size_t i = problem.first[customer]; i < problem.first[customer + 1]; ++i) {
      any |= problem.value[i] > now && fits(i);
    }
    if (!any) continue;
    double best = 0;
    for (size_t i = problem.first[customer]; i < problem.first[customer + 1]; ++i) {
      best = std::max(best, Score(problem, prices, i));
    }
    for (size_t i = problem.first[customer]; i < problem.first[customer + 1]; ++i) {
      if (problem.value[i] <= now || !fits(i)) continue;
      upgrades.push_back({best - Score(problem, prices, i), customer, static_cast<uint32_t>(i)});
    }
    if (upgrades.size() > 4 * kUpgrades) keep_best(kUpgrades);
  }
  keep_best(kUpgrades);
  std::sort(upgrades.begin(), upgrades.end(), SmallerLoss);
  bool changed = false;
  for (const Upgrade& upgrade : upgrades) {
    if (problem.value[upgrade.candidate] <= plan->value(upgrade.customer)) continue;
    changed |= plan->Move(upgrade.customer, upgrade.candidate);
  }
  return changed;
}

void RoundPlan(const PlanProblem& problem, const PlanPrices& prices,
               const std::function<bool()>& stop, PlanChoice* plan) {
  std::vector<Upgrade> refused;
  for (uint32_t customer = 0; customer < problem.customers; ++customer) {
    const Favourite favourite = FindFavourite(problem, prices, customer);
    if (favourite.candidate == PlanChoice::kNone) continue;
    if (!plan->Move(customer, favourite.candidate)) {
      refused.push_back({favourite.regret, customer, static_cast<uint32_t>(favourite.candidate)});
    }
  }
  if (!refused.empty() && !problem.separable) {
    // Caps stopped the last customers, not the least valuable ones: once more, those first who
    // would lose most by it.
    std::vector<Upgrade> all;
    for (uint32_t customer = 0; customer < problem.customers; ++customer) {
      plan->Move(customer, PlanChoice::kNone);
      const Favourite favourite = FindFavourite(problem, prices, customer);
      if (favourite.candidate == PlanChoice::kNone) continue;
      all.push_back({-favourite.regret, customer, static_cast<uint32_t>(favourite.candidate)});
    }
    std::sort(all.begin(), all.end(), SmallerLoss);
    for (const Upgrade& one : all) plan->Move(one.customer, one.candidate);
  }
  for (int pass = 0; pass < 3 && !stop() && FillPlan(problem, prices, plan); ++pass) {
  }
}

}  // namespace tenure::budget
