#include "server/budget/plan_frontier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "server/base/random.h"
#include "server/budget/planner.h"
#include "tests/budget/plan_instances.h"

namespace tenure::budget {
namespace {

using testing::HasSubstr;
constexpr int64_t kUnit = 1'000'000;

SolveTotal Planner(PlanInput* input, int* calls = nullptr, int64_t search_states = 1'024) {
  return [input, calls, search_states](int64_t budget_micros) -> absl::StatusOr<FrontierPoint> {
    if (calls != nullptr) ++*calls;
    input->nodes[0].cap_micros = budget_micros;
    PlanOptions options;
    options.search_states = search_states;
    const auto result = Solve(*input, options);
    if (!result.ok()) return result.status();
    FrontierPoint point;
    point.budget_micros = budget_micros;
    point.infeasible = result->infeasible;
    if (result->status == PlanStatus::kInfeasible) return point;
    point.spend_micros = result->spend[0];
    point.achieved = result->achieved;
    point.upper_bound = result->upper_bound;
    point.gap = result->gap;
    point.price = result->path_price[0];
    return point;
  };
}

TEST(Frontier, BudgetsInAnyOrder_AreAnsweredInThatOrderAndRise) {
  PlanInput input = MakeCampaignInstance(300, 4);
  const int64_t full = input.nodes[0].cap_micros;
  const std::vector<int64_t> budgets = {full, 0, full / 2, full / 4};
  const auto points = FindFrontier(budgets, Planner(&input));
  ASSERT_TRUE(points.ok()) << points.status();
  ASSERT_EQ(points->size(), 4u);
  for (size_t i = 0; i < 4; ++i) {
    const FrontierPoint& point = (*points)[i];
    EXPECT_EQ(point.budget_micros, budgets[i]);
    EXPECT_LE(point.spend_micros, budgets[i]);
    EXPECT_LE(point.achieved, point.upper_bound);
  }
  EXPECT_GT((*points)[0].achieved, (*points)[2].achieved);
  EXPECT_GT((*points)[2].achieved, (*points)[3].achieved);
  EXPECT_GT((*points)[3].achieved, (*points)[1].achieved);
  // Money is worth less the more of it there is.
  EXPECT_LE((*points)[0].price, (*points)[2].price);
  EXPECT_LE((*points)[2].price, (*points)[3].price);
  EXPECT_THAT(std::string(FindFrontier({1, -1}, Planner(&input)).status().message()),
              HasSubstr("budgets[1]"));
}

TEST(Frontier, SearchThatFoundLess_IsCorrectedByTheSmallerBudget) {
  const SolveTotal unlucky = [](int64_t budget) -> absl::StatusOr<FrontierPoint> {
    FrontierPoint point;
    point.budget_micros = point.spend_micros = budget;
    point.achieved = budget == 20 ? 4 : 5;
    point.upper_bound = 6;
    return point;
  };
  const auto points = FindFrontier({20, 10}, unlucky);
  ASSERT_TRUE(points.ok());
  EXPECT_EQ((*points)[0].achieved, 5);
  EXPECT_EQ((*points)[0].spend_micros, 10);
}

TEST(LeastBudget, TinyInstances_AgreeWithTryingEveryBudget) {
  int reached = 0;
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    PlanInput input = MakeTinyInstance(seed, TinyKind::kNested);
    const SolveTotal solve = Planner(&input);
    const auto best = solve(40);
    if (!best.ok() || best->achieved <= 0) continue;
    const double target = 0.7 * best->achieved;
    int64_t least = -1;
    for (int64_t budget = 0; budget <= 40 && least < 0; ++budget) {
      const auto point = solve(budget);
      if (point.ok() && point->achieved >= target) least = budget;
    }
    const auto plan = FindLeastBudget(target, 40, solve);
    ASSERT_TRUE(plan.ok()) << "seed " << seed << ": " << plan.status();
    ASSERT_GE(plan->least.achieved, target) << "seed " << seed;
    ASSERT_EQ(plan->least.budget_micros, least) << "seed " << seed;
    ASSERT_LE(plan->proven_micros, least) << "seed " << seed;
    ++reached;
  }
  EXPECT_GE(reached, 150);
}

// Values in hundredths, whose sums of doubles are a last place off; targets are exact sums.
TEST(LeastBudget, TargetsThatAreExactSums_AreReachedAtTheLeastBudgetOfAllPlans) {
  int off = 0;  // targets that a sum of doubles misses
  for (uint64_t seed = 1; seed <= 400; ++seed) {
    Random random(seed);
    PlanInput input;
    input.customers = static_cast<uint32_t>(2 + random.Below(4));
    input.nodes = {{"total", -1, 40, 0}, {"a", 0, 25, 0}, {"b", 0, kUncapped, 0}};
    std::vector<std::pair<int64_t, int64_t>> plans = {{0, 0}};  // cost, value in hundredths
    for (uint32_t customer = 0; customer < input.customers; ++customer) {
      const std::vector<std::pair<int64_t, int64_t>> before = plans;
      for (int32_t offer = 0; offer < 2; ++offer) {
        const auto cost = static_cast<int64_t>(random.Below(14));
        const auto value = static_cast<int64_t>(1 + random.Below(400));
        input.candidates.push_back({customer, 2, offer, cost, static_cast<double>(value) / 100});
        for (const auto& plan : before) {
          if (plan.first + cost <= 40) plans.emplace_back(plan.first + cost, plan.second + value);
        }
      }
    }
    const int64_t target = plans[random.Below(plans.size())].second;
    if (target == 0) continue;
    int64_t least = 40;
    for (const auto& [cost, value] : plans) {
      if (value >= target) least = std::min(least, cost);
    }
    const auto plan = FindLeastBudget(static_cast<double>(target) / 100, 40, Planner(&input));
    ASSERT_TRUE(plan.ok()) << "seed " << seed << ": " << plan.status();
    ASSERT_EQ(plan->least.budget_micros, least) << "seed " << seed;
    ASSERT_LE(plan->proven_micros, least) << "seed " << seed;
    if (plan->least.achieved < static_cast<double>(target) / 100) ++off;
  }
  EXPECT_GT(off, 0);
}

TEST(LeastBudget, Target_IsReachedWithLittleMoreThanIsProven) {
  PlanInput input = MakeCampaignInstance(60'000, 4);
  const int64_t full = input.nodes[0].cap_micros;
  int calls = 0;
  const SolveTotal solve = Planner(&input, &calls, 0);
  const auto whole = solve(full);
  ASSERT_TRUE(whole.ok());
  const double target = 0.8 * whole->achieved;
  const auto plan = FindLeastBudget(target, full, solve);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_GE(plan->least.achieved, target);
  EXPECT_LT(plan->least.budget_micros, full * 8 / 10);
  EXPECT_LE(plan->proven_micros, plan->least.budget_micros);
  EXPECT_GE(static_cast<double>(plan->proven_micros),
            0.999 * static_cast<double>(plan->least.budget_micros));
  EXPECT_LE(calls, 64);  // every third one halves what is left, down to a millionth
}

TEST(LeastBudget, OutOfReach_SaysWhatIsReached) {
  PlanInput input = MakeCampaignInstance(50, 4);
  const auto plan = FindLeastBudget(1e9, 10 * kUnit, Planner(&input));
  EXPECT_EQ(plan.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(plan.status().message()), HasSubstr("out of reach: 10.00 brings"));
  const auto close = FindLeastBudget(10.0000001, 10 * kUnit, [](int64_t budget) {
    FrontierPoint point;
    point.budget_micros = budget;
    point.achieved = point.upper_bound = 10;
    return absl::StatusOr<FrontierPoint>(point);
  });
  EXPECT_THAT(std::string(close.status().message()),
              HasSubstr("a value of 10.0000001 is out of reach: 10.00 brings 10,"));
  EXPECT_FALSE(
      FindLeastBudget(std::numeric_limits<double>::quiet_NaN(), kUnit, Planner(&input)).ok());
}

}  // namespace
}  // namespace tenure::budget
