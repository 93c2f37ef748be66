#include "server/budget/planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "server/base/clock.h"
#include "server/base/random.h"
#include "server/budget/plan_verifier.h"
#include "tests/budget/plan_instances.h"

namespace tenure::budget {
namespace {

using testing::HasSubstr;
constexpr int64_t kUnit = 1'000'000;

// Each customer's one offer is (cost, value).
PlanInput OneOfferEach(const std::vector<std::pair<double, double>>& offers, double budget) {
  PlanInput input;
  input.customers = static_cast<uint32_t>(offers.size());
  input.nodes = {{"total", -1, std::llround(budget * 1e6), 0}};
  for (uint32_t i = 0; i < offers.size(); ++i) {
    input.candidates.push_back({i, 0, 0, std::llround(offers[i].first * 1e6), offers[i].second});
  }
  return input;
}

// ALLOCATION.md's golden cases for offers.
TEST(Planner, DensityGreedyTrap_FindsTheTwoCheaper) {
  const auto result = Solve(OneOfferEach({{6, 6.1}, {5, 5}, {5, 5}}, 10));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_DOUBLE_EQ(result->achieved, 10);
  EXPECT_NEAR(result->upper_bound, 10.1, 1e-9);
  EXPECT_TRUE(result->proven);
  EXPECT_EQ(result->status, PlanStatus::kCertified);
  EXPECT_EQ(result->spend[0], 10 * kUnit);
  EXPECT_EQ(result->unspent[0], Unspent::kNone);
  EXPECT_NEAR(result->price[0], 1, 1e-12);
}

TEST(Planner, OfferDominatedInTheRelaxation_IsStillChosen) {
  PlanInput input;
  input.customers = 1;
  input.nodes = {{"total", -1, 2 * kUnit, 0}};
  input.candidates = {{0, 0, 0, kUnit, 1}, {0, 0, 1, 2 * kUnit, 1.5}, {0, 0, 2, 3 * kUnit, 3}};
  const auto result = Solve(input);
  ASSERT_TRUE(result.ok());
  EXPECT_DOUBLE_EQ(result->achieved, 1.5);
  EXPECT_EQ(result->choice[0], 1);
  // A third of the dearest would lift the bound to 2; but no plan can have any of it.
  EXPECT_NEAR(result->upper_bound, 1.5, 1e-9);
  EXPECT_TRUE(result->proven);
}

TEST(Planner, NegativeNetValue_IsNeverChosenHoweverSlackTheBudget) {
  const auto result = Solve(OneOfferEach({{1, -0.5}, {1, 0}, {1, 2}}, 1'000));
  ASSERT_TRUE(result.ok());
  EXPECT_THAT(result->choice, testing::ElementsAre(-1, -1, 2));
  EXPECT_EQ(result->status, PlanStatus::kOptimal);
  EXPECT_EQ(result->unspent[0], Unspent::kAllAtMax);
  EXPECT_EQ(result->price[0], 0);
}

TEST(Planner, UnspentMoney_SaysWhy) {
  EXPECT_EQ(Solve(OneOfferEach({{6, 6}, {7, 7}}, 10))->unspent[0], Unspent::kGranularity);
  EXPECT_EQ(Solve(OneOfferEach({{6, -6}}, 10))->unspent[0], Unspent::kNoPositiveSlope);
}

TEST(Planner, FloorsAboveTheCap_AreInfeasibleWithFigures) {
  PlanInput input = OneOfferEach({{1, 1}}, 10);
  input.nodes.push_back({"a", 0, 20 * kUnit, 6 * kUnit});
  input.nodes.push_back({"b", 0, 20 * kUnit, 7 * kUnit});
  const auto result = Solve(input);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->status, PlanStatus::kInfeasible);
  EXPECT_EQ(result->infeasible, "the floors of a, b sum to 13.00, 'total' has 10.00: 3.00 short");
}

TEST(Planner, Malformed_NamesTheField) {
  const auto problem = [](auto change) {
    PlanInput input = OneOfferEach({{1, 1}, {2, 2}}, 10);
    input.nodes.push_back({"a", 0, kUnit, 0});
    change(&input);
    return std::string(Solve(input).status().message());
  };
  EXPECT_EQ(problem([](PlanInput*) {}), "");
  EXPECT_THAT(problem([](PlanInput* i) { i->candidates[1].value = NAN; }),
              HasSubstr("candidates[1].value"));
  EXPECT_THAT(problem([](PlanInput* i) { i->candidates[1].value = INFINITY; }),
              HasSubstr("candidates[1].value"));
  EXPECT_THAT(problem([](PlanInput* i) { i->candidates[0].charge_micros = -1; }),
              HasSubstr("candidates[0].charge_micros"));
  EXPECT_THAT(problem([](PlanInput* i) { i->candidates[0].customer = 2; }),
              HasSubstr("candidates[0].customer"));
  EXPECT_THAT(problem([](PlanInput* i) { i->candidates[1].customer = 0; }),
              HasSubstr("candidates[1].offer"));
  EXPECT_THAT(problem([](PlanInput* i) { i->nodes[1].id = "total"; }), HasSubstr("nodes[1].id"));
  EXPECT_THAT(problem([](PlanInput* i) { i->nodes[0].parent = 1; }), HasSubstr("above itself"));
  EXPECT_THAT(problem([](PlanInput* i) { i->nodes[1].floor_micros = 2 * kUnit; }),
              HasSubstr("nodes[1].floor_micros"));
  EXPECT_THAT(problem([](PlanInput* i) { i->nodes[1].cap_micros = -1; }),
              HasSubstr("nodes[1].cap_micros"));
}

class TinyInstances : public testing::TestWithParam<TinyKind> {};

// Ties, offers that cost nothing or more than the budget, empty segments, negative values only,
// budgets of zero; floors, and limits across the tree.
TEST_P(TinyInstances, TenThousand_ReachTheBruteForceOptimum) {
  int solved = 0;
  for (uint64_t seed = 1; seed <= 10'000; ++seed) {
    const PlanInput input = MakeTinyInstance(seed, GetParam());
    const auto result = Solve(input);
    ASSERT_TRUE(result.ok()) << "seed " << seed << ": " << result.status();
    if (result->status == PlanStatus::kInfeasible) continue;
    ++solved;
    const double best = BruteForce(input);
    ASSERT_NEAR(result->achieved, best, 1e-9) << "seed " << seed;
    ASSERT_GE(result->upper_bound, best * (1 - 1e-12)) << "seed " << seed;
    ASSERT_TRUE(result->proven) << "seed " << seed;
    if (GetParam() == TinyKind::kNested && best == 0 && input.nodes[0].cap_micros == 0) {
      ASSERT_EQ(result->gap, 0) << "seed " << seed;
    } else if (result->upper_bound > 1e-9) {
      ASSERT_NEAR(result->gap, (result->upper_bound - best) / result->upper_bound, 1e-9)
          << "seed " << seed;
    }
  }
  EXPECT_GE(solved, 8'000);
}

INSTANTIATE_TEST_SUITE_P(Planner, TinyInstances,
                         testing::Values(TinyKind::kNested, TinyKind::kAcross, TinyKind::kCapped),
                         [](const auto& tiny) {
                           return tiny.param == TinyKind::kNested   ? "Nested"
                                  : tiny.param == TinyKind::kAcross ? "Across"
                                                                    : "Capped";
                         });

// ALLOCATION.md, "Figures to reach": the mean gap over instances, since a thousand customers in
// twenty segments may have no plan nearer to the bound.
TEST(Planner, CampaignInstances_ReachTheGapOfTheirSize) {
  const auto mean_gap = [](uint32_t customers, uint64_t instances) {
    double sum = 0;
    for (uint64_t seed = 1; seed <= instances; ++seed) {
      const auto result = Solve(MakeCampaignInstance(customers, seed));
      EXPECT_TRUE(result.ok()) << "seed " << seed << ": " << result.status();
      sum += result->gap;
    }
    return sum / static_cast<double>(instances);
  };
  EXPECT_LE(mean_gap(1'000, 5), 5e-4);
  EXPECT_LE(mean_gap(10'000, 3), 3e-5);
  EXPECT_LE(mean_gap(100'000, 1), 5e-7);
}

TEST(Planner, UpToTwoHundredCustomers_AreSolvedToProvenOptimum) {
  for (const uint32_t customers : {1u, 10u, 30u, 60u, 100u, 150u, 200u}) {
    for (uint64_t seed = 1; seed <= 5; ++seed) {
      const auto result = Solve(MakeCampaignInstance(customers, seed));
      ASSERT_TRUE(result.ok());
      EXPECT_TRUE(result->proven) << customers << " customers, seed " << seed << ", gap "
                                  << result->gap;
    }
  }
}

TEST(Planner, AnyRowOrder_GivesTheSamePlan) {
  const PlanInput input = MakeCampaignInstance(1'000, 3);
  const auto expected = Solve(input);
  ASSERT_TRUE(expected.ok());
  PlanInput shuffled = input;
  Random random(5);
  for (size_t i = shuffled.candidates.size() - 1; i > 0; --i) {
    std::swap(shuffled.candidates[i], shuffled.candidates[random.Below(i + 1)]);
  }
  const auto result = Solve(shuffled);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->achieved, expected->achieved);
  EXPECT_EQ(result->upper_bound, expected->upper_bound);
  EXPECT_EQ(result->path_price, expected->path_price);
  for (uint32_t customer = 0; customer < input.customers; ++customer) {
    const int32_t a = expected->choice[customer];
    const int32_t b = result->choice[customer];
    ASSERT_EQ(a < 0, b < 0);
    if (a < 0) continue;
    ASSERT_EQ(input.candidates[static_cast<size_t>(a)].offer,
              shuffled.candidates[static_cast<size_t>(b)].offer);
  }
}

TEST(Planner, ScaledByPowersOfTen_ChangesOnlyTheUnit) {
  const PlanInput input = MakeCampaignInstance(30, 9);
  const auto expected = Solve(input);
  ASSERT_TRUE(expected.ok());
  PlanInput scaled = input;
  for (PlanNode& node : scaled.nodes) node.cap_micros *= 1'000;
  for (Candidate& candidate : scaled.candidates) {
    candidate.charge_micros *= 1'000;
    candidate.value *= 1e-6;
  }
  const auto result = Solve(scaled);
  ASSERT_TRUE(result.ok());
  EXPECT_NEAR(result->achieved, expected->achieved * 1e-6, 1e-13 * expected->achieved);
  EXPECT_NEAR(result->gap, expected->gap, 1e-9);
}

TEST(Planner, Cancelled_StillReturnsAVerifiedPlanWithItsGap) {
  const std::atomic<bool> cancel = true;
  const auto result = Solve(MakeCampaignInstance(1'000, 1), {.cancel = &cancel});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->stopped);
  EXPECT_GE(result->gap, 0);
  EXPECT_LE(result->gap, 1);
  const auto late = Solve(MakeCampaignInstance(1'000, 1), {.deadline_us = MonotonicUs()});
  ASSERT_TRUE(late.ok());
  EXPECT_TRUE(late->stopped);
}

TEST(Planner, CountLimits_AreKept) {
  PlanInput input = MakeCampaignInstance(1'000, 4);
  input.side_limits = {{"offer7", SideLimit::Measure::kCount, 20, {7}},
                       {"cheap", SideLimit::Measure::kChargeMicros, 200 * kUnit, {0, 1}}};
  const auto result = Solve(input);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_LE(result->side_used[0], 20);
  EXPECT_LE(result->side_used[1], 200 * kUnit);
  EXPECT_LE(result->gap, 0.02);
}

// The verifier itself: one assignment flipped must be found.
TEST(PlanVerifier, OneAssignmentFlipped_IsFound) {
  const PlanInput input = MakeCampaignInstance(300, 2);
  const auto result = Solve(input);
  ASSERT_TRUE(result.ok());
  ASSERT_TRUE(VerifyPlan(input, *result).ok());
  for (uint32_t customer = 0; customer < input.customers; ++customer) {
    PlanResult flipped = *result;
    const auto first = static_cast<int32_t>(customer) * 8;
    flipped.choice[customer] = flipped.choice[customer] == first ? first + 1 : first;
    ASSERT_FALSE(VerifyPlan(input, flipped).ok()) << "customer " << customer;
  }
  PlanResult stolen = *result;
  stolen.choice[0] = 8;  // an offer of customer 1
  EXPECT_FALSE(VerifyPlan(input, stolen).ok());
  PlanInput tighter = input;
  tighter.nodes[0].cap_micros = result->spend[0] - 1;
  EXPECT_THAT(std::string(VerifyPlan(tighter, *result).message()), HasSubstr("over its cap"));
}

}  // namespace
}  // namespace tenure::budget
