#include "server/budget/plan_reasons.h"

#include <gtest/gtest.h>

#include <cmath>

#include "server/base/random.h"
#include "tests/budget/plan_instances.h"

namespace tenure::budget {
namespace {

constexpr int64_t kUnit = 1'000'000;

// Two segments: the first is short of money, the second has more than it can use.
PlanInput TwoSegments() {
  PlanInput input;
  input.customers = 4;
  input.nodes = {
      {"total", -1, 100 * kUnit, 0}, {"short", 0, 5 * kUnit, 0}, {"rich", 0, 50 * kUnit, 0}};
  input.candidates = {{0, 1, 0, 2 * kUnit, 8}, {0, 1, 1, 5 * kUnit, 9.5}, {1, 1, 0, 3 * kUnit, 6},
                      {2, 1, 0, 2 * kUnit, 1}, {3, 2, 0, 4 * kUnit, 6},   {3, 2, 1, 6 * kUnit, 7}};
  return input;
}

TEST(PlanReasons, ShortSegment_NamesTheLastFundedAndTheNextToBuy) {
  const PlanInput input = TwoSegments();
  const auto result = Solve(input);
  ASSERT_TRUE(result.ok()) << result.status();
  const std::vector<NodeReasons> reasons = FindReasons(input, *result);
  const NodeReasons& its = reasons[1];
  EXPECT_EQ(its.chosen, 2);
  EXPECT_EQ(its.customers, 3);
  ASSERT_TRUE(its.last_funded.has_value());
  EXPECT_EQ(its.last_funded->customer, 1u);
  EXPECT_EQ(its.last_funded->from, -1);
  EXPECT_DOUBLE_EQ(its.last_funded->value_per_unit, 2);
  // From 8 to 9.5 for 3 more, or 1 for 2: as good; the lower customer is named.
  ASSERT_TRUE(its.best_unfunded.has_value());
  EXPECT_EQ(its.best_unfunded->customer, 0u);
  EXPECT_EQ(its.best_unfunded->from, 0);
  EXPECT_EQ(its.best_unfunded->to, 1);
  EXPECT_EQ(its.best_unfunded->charge_micros, 3 * kUnit);
  EXPECT_DOUBLE_EQ(its.best_unfunded->value, 1.5);
  EXPECT_DOUBLE_EQ(its.best_unfunded->value_per_unit, 0.5);
  EXPECT_GE(its.one_more_unit, 0.5);
  EXPECT_LE(its.one_more_unit, 2);
}

TEST(PlanReasons, SegmentThatHasEnough_HasNothingUnfunded) {
  const PlanInput input = TwoSegments();
  const auto result = Solve(input);
  ASSERT_TRUE(result.ok());
  const NodeReasons rich = FindReasons(input, *result)[2];
  EXPECT_FALSE(rich.best_unfunded.has_value());
  EXPECT_EQ(rich.one_more_unit, 0);
  ASSERT_TRUE(rich.last_funded.has_value());
  EXPECT_DOUBLE_EQ(rich.last_funded->value_per_unit, 0.5);
  EXPECT_EQ(rich.last_funded->from, 4);
}

TEST(PlanReasons, Floor_CostsWhatItsMoneyWouldBringElsewhere) {
  PlanInput input = TwoSegments();
  input.nodes[0].cap_micros = 15 * kUnit;
  input.nodes[1].cap_micros = 50 * kUnit;
  input.nodes[2].floor_micros = 12 * kUnit;
  const auto result = Solve(input);
  ASSERT_TRUE(result.ok());
  const std::vector<NodeReasons> reasons = FindReasons(input, *result);
  EXPECT_GT(reasons[0].one_more_unit, 0);
  EXPECT_DOUBLE_EQ(reasons[2].floor_price, reasons[0].one_more_unit);
  EXPECT_EQ(reasons[1].floor_price, 0);
}

TEST(PlanReasons, LimitAcross_NamesTheLastFundedAndTheNextToBuy) {
  PlanInput input = TwoSegments();
  input.nodes[1].cap_micros = 50 * kUnit;
  input.side_limits = {{"channel", SideLimit::Measure::kChargeMicros, 7 * kUnit, {0}},
                       {"deep", SideLimit::Measure::kCount, 0, {1}}};
  const auto result = Solve(input);
  ASSERT_TRUE(result.ok()) << result.status();
  const std::vector<NodeReasons> sides = FindSideReasons(input, *result);
  ASSERT_EQ(sides.size(), 2u);
  EXPECT_EQ(sides[0].customers, 4);
  EXPECT_EQ(sides[0].chosen, 3);  // 7 in all: better than the fourth's 4 beside the first's 2
  ASSERT_TRUE(sides[0].last_funded.has_value() && sides[0].best_unfunded.has_value());
  EXPECT_EQ(sides[0].last_funded->customer, 2u);
  EXPECT_DOUBLE_EQ(sides[0].last_funded->value_per_unit, 0.5);
  EXPECT_EQ(sides[0].best_unfunded->customer, 3u);
  EXPECT_DOUBLE_EQ(sides[0].best_unfunded->value_per_unit, 1.5);
  EXPECT_DOUBLE_EQ(sides[0].one_more_unit, 1.5);
  // A piece of the second would bring the step to the deeper offer.
  EXPECT_EQ(sides[1].chosen, 0);
  EXPECT_FALSE(sides[1].last_funded.has_value());
  ASSERT_TRUE(sides[1].best_unfunded.has_value());
  EXPECT_GT(sides[1].best_unfunded->value_per_unit, 0);
}

// The prices are what separates funded from unfunded, but for the customer whom rounding splits and
// for those who use up the cents that are left.
TEST(PlanReasons, CampaignInstance_PricesLieBetweenTheTwoSteps) {
  const PlanInput input = MakeCampaignInstance(100'000, 3);
  const auto result = Solve(input);
  ASSERT_TRUE(result.ok());
  const std::vector<NodeReasons> reasons = FindReasons(input, *result);
  for (size_t node = 1; node < reasons.size(); ++node) {
    const NodeReasons& its = reasons[node];
    ASSERT_TRUE(its.last_funded.has_value() && its.best_unfunded.has_value()) << "node " << node;
    EXPECT_NEAR(its.last_funded->value_per_unit / its.one_more_unit, 1, 0.1) << "node " << node;
    EXPECT_NEAR(its.best_unfunded->value_per_unit / its.one_more_unit, 1, 0.05) << "node " << node;
    EXPECT_GT(its.chosen, 0);
    EXPECT_LE(its.chosen, its.customers);
  }
}

TEST(PlanReasons, AnyRowOrder_NamesTheSameSteps) {
  const PlanInput input = MakeCampaignInstance(500, 8);
  PlanInput shuffled = input;
  Random random(3);
  for (size_t i = shuffled.candidates.size() - 1; i > 0; --i) {
    std::swap(shuffled.candidates[i], shuffled.candidates[random.Below(i + 1)]);
  }
  const auto a = Solve(input);
  const auto b = Solve(shuffled);
  ASSERT_TRUE(a.ok() && b.ok());
  const auto first = FindReasons(input, *a);
  const auto second = FindReasons(shuffled, *b);
  for (size_t node = 0; node < first.size(); ++node) {
    ASSERT_EQ(first[node].best_unfunded.has_value(), second[node].best_unfunded.has_value());
    if (!first[node].best_unfunded.has_value()) continue;
    EXPECT_EQ(first[node].best_unfunded->customer, second[node].best_unfunded->customer);
    EXPECT_EQ(first[node].best_unfunded->value, second[node].best_unfunded->value);
    EXPECT_EQ(first[node].last_funded->customer, second[node].last_funded->customer);
  }
}

}  // namespace
}  // namespace tenure::budget
