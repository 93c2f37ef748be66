#include "server/budget/planner.h"

#include <algorithm>

#include "server/base/clock.h"
#include "server/base/money.h"
#include "server/base/status.h"
#include "server/budget/plan_branch.h"
#include "server/budget/plan_choice.h"
#include "server/budget/plan_exact.h"
#include "server/budget/plan_prices.h"
#include "server/budget/plan_problem.h"
#include "server/budget/plan_search.h"
#include "server/budget/plan_verifier.h"

namespace tenure::budget {
namespace {

constexpr double kOptimalGap = 1e-9;
constexpr uint32_t kFewCustomers = 2'000;         // with more, only a search near the prices
constexpr size_t kExactStates = size_t{1} << 21;  // partial plans kept to prove a plan best
constexpr int64_t kBranchSteps = 2'000'000;

// Why a node below its cap did not spend more, by the cheapest upgrade that any customer below it
// could still take.
class UnspentReasons {
 public:
  UnspentReasons(const PlanProblem& problem, const PlanChoice& plan)
      : step_(problem.node_count(), kUncapped), positive_(problem.node_count(), false) {
    for (uint32_t customer = 0; customer < problem.customers; ++customer) {
      const int64_t chosen = plan.chosen(customer);
      for (size_t i = problem.first[customer]; i < problem.first[customer + 1]; ++i) {
        if (problem.value[i] <= plan.value(customer)) continue;
        const bool same = chosen != PlanChoice::kNone &&
                          problem.node[static_cast<size_t>(chosen)] == problem.node[i];
        const int64_t step =
            problem.charge[i] - (same ? problem.charge[static_cast<size_t>(chosen)] : 0);
        for (int32_t node = problem.node[i]; node >= 0;
             node = problem.parent[static_cast<size_t>(node)]) {
          step_[static_cast<size_t>(node)] = std::min(step_[static_cast<size_t>(node)], step);
        }
      }
      for (size_t i = problem.first[customer]; i < problem.first[customer + 1]; ++i) {
        for (int32_t node = problem.node[i]; node >= 0;
             node = problem.parent[static_cast<size_t>(node)]) {
          positive_[static_cast<size_t>(node)] = true;
        }
      }
    }
  }

  Unspent Of(const PlanProblem& problem, const PlanChoice& plan, int32_t node) const {
    const auto at = static_cast<size_t>(node);
    const int64_t left = problem.cap[at] - plan.usage(node);
    if (left == 0) return Unspent::kNone;
    if (step_[at] == kUncapped) {
      return positive_[at] ? Unspent::kAllAtMax : Unspent::kNoPositiveSlope;
    }
    return step_[at] > left ? Unspent::kGranularity : Unspent::kLimitedElsewhere;
  }

 private:
  std::vector<int64_t> step_;
  std::vector<bool> positive_;
};

void Report(const PlanProblem& problem, const PlanPrices& prices, const PlanChoice& plan,
            PlanResult* result) {
  const auto per_unit = static_cast<double>(kMicrosPerUnit);
  const size_t nodes = problem.node_count();
  result->choice.assign(problem.customers, -1);
  result->spend.assign(nodes, 0);
  for (uint32_t customer = 0; customer < problem.customers; ++customer) {
    const int64_t chosen = plan.chosen(customer);
    if (chosen == PlanChoice::kNone) continue;
    const auto at = static_cast<size_t>(chosen);
    result->choice[customer] = problem.source[at];
    result->spend[static_cast<size_t>(problem.node[at])] += problem.charge[at];
  }
  for (auto node = problem.top_down.rbegin(); node != problem.top_down.rend(); ++node) {
    const int32_t up = problem.parent[static_cast<size_t>(*node)];
    if (up >= 0)
      result->spend[static_cast<size_t>(up)] += result->spend[static_cast<size_t>(*node)];
  }
  const UnspentReasons reasons(problem, plan);
  for (size_t node = 0; node < nodes; ++node) {
    const int32_t up = problem.parent[node];
    const double above = up < 0 ? 0 : prices.path[static_cast<size_t>(up)];
    result->price.push_back((prices.path[node] - above) * per_unit);
    result->path_price.push_back(prices.path[node] * per_unit);
    result->unspent.push_back(reasons.Of(problem, plan, static_cast<int32_t>(node)));
  }
  for (size_t side = 0; side < problem.side_limits.size(); ++side) {
    const bool money = problem.side_limits[side].measure == SideLimit::Measure::kChargeMicros;
    result->side_price.push_back(prices.side[side] * (money ? per_unit : 1));
    result->side_used.push_back(plan.side_used(side));
  }
}

// Searches for a better plan, the more thoroughly the fewer customers; true when there is none.
bool Improve(const PlanProblem& problem, const PlanPrices& prices, double upper_bound,
             int64_t states, const std::function<bool()>& stop, PlanChoice* plan) {
  if (!problem.separable) {
    return problem.customers <= kFewCustomers &&
           BranchAndBound(problem, prices, upper_bound, kBranchSteps, stop, plan);
  }
  if (SearchPlan(problem, prices, upper_bound, states, stop, plan)) return true;
  return problem.customers <= kFewCustomers && !stop() &&
         SolveExactly(problem, prices, upper_bound, kExactStates, stop, plan);
}

}  // namespace

absl::string_view PlanStatusName(PlanStatus status) {
  switch (status) {
    case PlanStatus::kOptimal:
      return "OPTIMAL";
    case PlanStatus::kCertified:
      return "CERTIFIED";
    case PlanStatus::kInfeasible:
      return "INFEASIBLE";
  }
  return "UNKNOWN";
}

absl::string_view UnspentName(Unspent reason) {
  switch (reason) {
    case Unspent::kNone:
      return "NONE";
    case Unspent::kAllAtMax:
      return "ALL_AT_MAX";
    case Unspent::kNoPositiveSlope:
      return "NO_POSITIVE_SLOPE";
    case Unspent::kGranularity:
      return "GRANULARITY";
    case Unspent::kLimitedElsewhere:
      return "LIMITED_ELSEWHERE";
  }
  return "UNKNOWN";
}

absl::StatusOr<PlanResult> Solve(const PlanInput& input, const PlanOptions& options) {
  const int64_t started_us = MonotonicUs();
  TENURE_ASSIGN_OR_RETURN(const PlanProblem problem, BuildPlanProblem(input));
  PlanResult result;
  result.infeasible = FindFloorConflict(input, problem);
  if (!result.infeasible.empty()) {
    result.status = PlanStatus::kInfeasible;
    result.choice.assign(input.customers, -1);
    result.price.assign(input.nodes.size(), 0);
    result.path_price = result.price;
    result.spend.assign(input.nodes.size(), 0);
    result.unspent.assign(input.nodes.size(), Unspent::kLimitedElsewhere);
    result.side_price.assign(input.side_limits.size(), 0);
    result.side_used.assign(input.side_limits.size(), 0);
    return result;
  }
  const std::function<bool()> stop = [&] {
    result.stopped = result.stopped || (options.cancel != nullptr && options.cancel->load()) ||
                     MonotonicUs() >= options.deadline_us;
    return result.stopped;
  };
  const PlanPrices prices = FindPlanPrices(problem, stop);
  result.upper_bound = UpperBound(problem, prices);
  PlanChoice plan(problem);
  RoundPlan(problem, prices, stop, &plan);
  if (options.search_states > 0 && !stop()) {
    result.proven =
        Improve(problem, prices, result.upper_bound, options.search_states, stop, &plan);
  }
  result.achieved = plan.TotalValue();
  result.gap = result.upper_bound > 0
                   ? std::max(0.0, (result.upper_bound - result.achieved) / result.upper_bound)
                   : 0;
  result.status = result.gap <= kOptimalGap ? PlanStatus::kOptimal : PlanStatus::kCertified;
  result.proven = result.proven || result.status == PlanStatus::kOptimal;
  Report(problem, prices, plan, &result);
  TENURE_RETURN_IF_ERROR(VerifyPlan(input, result));
  result.seconds = static_cast<double>(MonotonicUs() - started_us) * 1e-6;
  return result;
}

}  // namespace tenure::budget
