#include "server/budget/planner.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "absl/strings/str_cat.h"
#include "server/base/clock.h"
#include "server/base/money.h"
#include "server/base/status.h"
#include "server/budget/packed_planner.h"
#include "server/budget/packing.h"
#include "server/budget/plan_affordable.h"
#include "server/budget/plan_choice.h"
#include "server/budget/plan_improve.h"
#include "server/budget/plan_prices.h"
#include "server/budget/plan_problem.h"
#include "server/budget/plan_unspent.h"
#include "server/budget/plan_verifier.h"

namespace tenure::budget {
namespace {

constexpr double kOptimalGap = 1e-9;
constexpr double kRounding = 1e-12;  // a bound below it, of everybody's largest values, is none
constexpr uint32_t kPackedCustomers = 50'000;  // from so many on it is worth packing them

void Report(const PlanInput& input, const PlanProblem& problem, const PlanPrices& prices,
            const PlanChoice& plan, PlanResult* result) {
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
  const UnspentReasons reasons(input, problem, plan);
  for (size_t node = 0; node < nodes; ++node) {
    const int32_t up = problem.parent[node];
    const double above = up < 0 ? 0 : prices.path[static_cast<size_t>(up)];
    result->price.push_back((prices.path[node] - above) * per_unit);
    result->path_price.push_back(prices.path[node] * per_unit);
    result->unspent.push_back(reasons.OfNode(node, problem.cap[node] - result->spend[node]));
  }
  for (size_t side = 0; side < problem.side_limits.size(); ++side) {
    const bool money = problem.side_limits[side].measure == SideLimit::Measure::kChargeMicros;
    result->side_price.push_back(prices.side[side] * (money ? per_unit : 1));
    result->side_used.push_back(plan.side_used(side));
    result->side_unspent.push_back(
        reasons.OfSide(side, problem.side_limits[side].cap - plan.side_used(side)));
  }
}

double LargestValues(const PlanProblem& problem) {
  double sum = 0;
  for (uint32_t customer = 0; customer < problem.customers; ++customer) {
    double largest = 0;
    for (size_t i = problem.first[customer]; i < problem.first[customer + 1]; ++i) {
      largest = std::max(largest, problem.value[i]);
    }
    sum += largest;
  }
  return sum;
}

// Many customers under nested budgets: one pass over them packed. False where they can't be.
absl::StatusOr<bool> PlanPacked(const PlanInput& input, const PlanProblem& problem,
                                const PlanOptions& options, PlanPrices* prices, PlanChoice* plan,
                                PlanResult* result) {
  if (problem.customers < kPackedCustomers) return false;
  const std::optional<Packing> packing = Pack(input.nodes, problem);
  if (!packing.has_value()) return false;
  PackedOptions packed;
  packed.threads = options.threads;
  packed.deadline_us = options.deadline_us;
  packed.cancel = options.cancel;
  packed.search_states = options.search_states;
  packed.start_prices = options.start_prices;
  TENURE_ASSIGN_OR_RETURN(const PackedResult found, SolvePacked(packing->input, packed));
  for (uint32_t customer = 0; customer < problem.customers; ++customer) {
    const uint32_t place = packing->place[customer];
    if (place == Packing::kNoPlace || found.choice[place] == 0) continue;
    const uint32_t chosen = problem.first[customer] + found.choice[place] - 1u;
    if (!plan->Move(customer, chosen)) {
      return absl::InternalError(absl::StrCat("plan: customer ", customer, " does not fit"));
    }
  }
  for (const double price : found.path_price) {
    prices->path.push_back(price / static_cast<double>(kMicrosPerUnit));
  }
  result->upper_bound = found.upper_bound;
  result->proven = found.proven;
  result->stopped = found.stopped;
  return true;
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
    case Unspent::kReserved:
      return "RESERVED";
    case Unspent::kLimitedElsewhere:
      return "LIMITED_ELSEWHERE";
  }
  return "UNKNOWN";
}

absl::StatusOr<PlanResult> Solve(const PlanInput& input, const PlanOptions& options) {
  const int64_t started_us = MonotonicUs();
  TENURE_RETURN_IF_ERROR(CheckStart(options.threads, options.start_prices, input.nodes.size()));
  TENURE_ASSIGN_OR_RETURN(PlanProblem problem, BuildPlanProblem(input));
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
    result.side_unspent.assign(input.side_limits.size(), Unspent::kLimitedElsewhere);
    return result;
  }
  DropWhatNeverFits(&problem);
  const std::function<bool()> stop = [&] {
    result.stopped = result.stopped || (options.cancel != nullptr && options.cancel->load()) ||
                     MonotonicUs() >= options.deadline_us;
    return result.stopped;
  };
  PlanPrices prices;
  PlanChoice plan(problem);
  TENURE_ASSIGN_OR_RETURN(const bool packed,
                          PlanPacked(input, problem, options, &prices, &plan, &result));
  if (!packed) {
    prices = FindPlanPrices(problem, stop);
    result.upper_bound = UpperBound(problem, prices);
    RoundPlan(problem, prices, stop, &plan);
    if (options.search_states > 0 && !stop()) {
      result.proven =
          ImprovePlan(problem, prices, result.upper_bound, 0, options.search_states, stop, &plan);
    }
  }
  // What the search has left over somebody may still use, those decided by their prices too.
  while (!result.proven && !stop() && FillPlan(problem, prices, &plan)) {
  }
  result.achieved = plan.TotalValue();
  if (result.achieved > 0 || result.upper_bound > kRounding * LargestValues(problem)) {
    result.gap = std::max(0.0, (result.upper_bound - result.achieved) / result.upper_bound);
  }
  result.status = result.gap <= kOptimalGap ? PlanStatus::kOptimal : PlanStatus::kCertified;
  result.proven = result.proven || result.status == PlanStatus::kOptimal;
  Report(input, problem, prices, plan, &result);
  TENURE_RETURN_IF_ERROR(VerifyPlan(input, result));
  result.seconds = static_cast<double>(MonotonicUs() - started_us) * 1e-6;
  return result;
}

}  // namespace tenure::budget
