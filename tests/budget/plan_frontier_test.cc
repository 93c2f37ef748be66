#include "server/budget/plan_frontier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

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
  EXPECT_FALSE(
      FindLeastBudget(std::numeric_limits<double>::quiet_NaN(), kUnit, Planner(&input)).ok());
}

}  // namespace
}  // namespace tenure::budget
