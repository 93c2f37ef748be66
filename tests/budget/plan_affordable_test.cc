// Offers dearer than any budget on their path, and money near the end of int64.
#include "server/budget/plan_affordable.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "server/base/random.h"
#include "server/budget/planner.h"
#include "tests/budget/plan_instances.h"

namespace tenure::budget {
namespace {

constexpr int64_t kUnit = 1'000'000;

PlanInput OfferEach(const std::vector<int64_t>& charges, int64_t cap) {
  PlanInput input;
  input.customers = static_cast<uint32_t>(charges.size());
  input.nodes = {{"total", -1, cap, 0}};
  for (uint32_t i = 0; i < charges.size(); ++i) {
    input.candidates.push_back({i, 0, 0, charges[i], 1.0 + i});
  }
  return input;
}

// What no plan can hold lifts neither the bound nor a price; what is left is still told right.
TEST(NeverFits, DearerThanTheBudget_BoundAndPriceAreOfWhatCanBeHad) {
  const auto result = Solve(OfferEach({9 * kUnit, 9 * kUnit, 2 * kUnit}, 5 * kUnit));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->choice, testing::ElementsAre(-1, -1, 2));
  EXPECT_EQ(result->status, PlanStatus::kOptimal);
  EXPECT_NEAR(result->upper_bound, 3, 1e-12);
  EXPECT_EQ(result->price[0], 0);
  EXPECT_EQ(result->unspent[0], Unspent::kGranularity);
}

TEST(NeverFits, BudgetInBetweenOrLimitAcross_IsLimitedElsewhereAbove) {
  PlanInput input = OfferEach({9 * kUnit}, 20 * kUnit);
  input.nodes.push_back({"a", 0, 5 * kUnit, 0});
  input.candidates[0].node = 1;
  const auto result = Solve(input);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->upper_bound, 0);
  EXPECT_THAT(result->unspent,
              testing::ElementsAre(Unspent::kLimitedElsewhere, Unspent::kGranularity));
  input = OfferEach({9 * kUnit}, 20 * kUnit);
  input.side_limits = {{"channel", SideLimit::Measure::kChargeMicros, 8 * kUnit, {0}},
                       {"offer", SideLimit::Measure::kCount, 3, {0}}};
  const auto limited = Solve(input);
  ASSERT_TRUE(limited.ok());
  EXPECT_EQ(limited->upper_bound, 0);
  EXPECT_THAT(limited->unspent, testing::ElementsAre(Unspent::kLimitedElsewhere));
  EXPECT_THAT(limited->side_unspent,
              testing::ElementsAre(Unspent::kGranularity, Unspent::kLimitedElsewhere));
}

// A floor keeps money for its node: there, more fits than the parent has left for others.
TEST(NeverFits, ReservedMoney_CountsForItsNodeAlone) {
  PlanInput input = OfferEach({7 * kUnit, 7 * kUnit}, 10 * kUnit);
  input.nodes.push_back({"kept", 0, kUncapped, 6 * kUnit});
  input.nodes.push_back({"other", 0, kUncapped, 0});
  input.candidates[0].node = 1;
  input.candidates[1].node = 2;
  const auto result = Solve(input);
  ASSERT_TRUE(result.ok());
  EXPECT_THAT(result->choice, testing::ElementsAre(0, -1));
  EXPECT_TRUE(result->proven);
}

TEST(NeverFits, NobodyBelowAFloor_MoneyIsReserved) {
  PlanInput input = OfferEach({}, 10 * kUnit);
  input.nodes.push_back({"nobody", 0, kUncapped, 10 * kUnit});
  EXPECT_EQ(Solve(input)->unspent[0], Unspent::kReserved);
}

// Sums of two charges pass int64.
TEST(LargeAmounts, RandomInstances_ReachTheBruteForceOptimum) {
  for (uint64_t seed = 1; seed <= 3'000; ++seed) {
    Random random(seed);
    const int64_t top = kUncapped >> random.Below(3);
    const auto below = [&](int64_t most) {
      return static_cast<int64_t>(random.Uniform() * static_cast<double>(most - 1'024));
    };
    PlanInput input;
    input.customers = static_cast<uint32_t>(1 + random.Below(5));
    input.nodes = {{"total", -1, random.Below(4) == 0 ? kUncapped - 1 : below(top), 0}};
    for (int node = 1; node <= 2; ++node) {
      const int64_t cap = random.Below(2) == 0 ? kUncapped : below(top);
      const int64_t floor = std::min(cap, random.Below(3) == 0 ? input.nodes[0].cap_micros / 4 : 0);
      input.nodes.push_back({absl::StrCat("n", node), 0, cap, floor});
    }
    for (uint32_t customer = 0; customer < input.customers; ++customer) {
      const auto node = static_cast<int32_t>(random.Below(3));
      for (int32_t offer = 0; offer < 3; ++offer) {
        const int64_t charge = random.Below(3) == 0 ? top / 3 : below(top);
        input.candidates.push_back(
            {customer, node, offer, charge, static_cast<double>(1 + random.Below(9))});
      }
    }
    const auto result = Solve(input);
    ASSERT_TRUE(result.ok()) << "seed " << seed << ": " << result.status();
    const double best = BruteForce(input);
    ASSERT_NEAR(result->achieved, best, 1e-9) << "seed " << seed;
    ASSERT_GE(result->upper_bound, best * (1 - 1e-12)) << "seed " << seed;
    ASSERT_TRUE(result->proven) << "seed " << seed;
  }
}

TEST(LargeAmounts, ManyCustomersPacked_SumsBeyondInt64AreAboveEveryCap) {
  PlanInput input = OfferEach(std::vector<int64_t>(60'000, kUncapped / 20'000), kUncapped / 2);
  const auto result = Solve(input);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->spend[0], kUncapped / 20'000 * 10'000);
  EXPECT_TRUE(result->proven);
  // Without a cap their sum is no amount.
  input.nodes[0].cap_micros = kUncapped;
  const auto uncapped = Solve(input);
  EXPECT_EQ(uncapped.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(uncapped.status().message()), testing::HasSubstr("give it a cap"));
}

TEST(LargeAmounts, FloorsBeyondInt64_AreShortByTheirTrueSum) {
  PlanInput input = OfferEach({}, kUncapped);
  input.nodes.push_back({"a", 0, kUncapped, 9'000'000'000'000 * kUnit});
  input.nodes.push_back({"b", 0, kUncapped, 9'000'000'000'000 * kUnit});
  const auto result = Solve(input);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->infeasible,
            "the floors of a, b sum to 18000000000000.00, 'total' has 9223372036854.775807: "
            "8776627963145.224193 short");
}

}  // namespace
}  // namespace tenure::budget
