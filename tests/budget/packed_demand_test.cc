// What the packed planner keeps of customers between two prices, beside the planner of few.
#include "server/budget/packed_demand.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "server/base/random.h"
#include "server/budget/plan_hull.h"

namespace tenure::budget {
namespace {

// The customer of `place` as a problem of one.
PlanProblem ProblemOf(const PackedOffers& offers, uint32_t place) {
  PlanProblem problem;
  problem.customers = 1;
  problem.first = {0};
  for (uint32_t offer = 0; offer < offers.offers(); ++offer) {
    if (offers.value(place, offer) <= 0) continue;
    problem.charge.push_back(offers.cost(place, offer) * offers.unit_micros());
    problem.value.push_back(static_cast<double>(offers.value(place, offer)));
  }
  problem.first.push_back(static_cast<uint32_t>(problem.charge.size()));
  return problem;
}

TEST(PackedIncrements, BetweenTwoPrices_AreThoseOfTheHull) {
  for (uint64_t seed = 1; seed <= 2'000; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    PackedOffers offers({8}, static_cast<uint32_t>(1 + random.Below(12)), 10'000);
    const uint32_t place = offers.Place(0, static_cast<uint32_t>(random.Below(8)));
    const bool coarse = random.Below(2) == 0;  // with ties
    for (uint32_t offer = 0; offer < offers.offers(); ++offer) {
      offers.Set(place, offer, static_cast<uint32_t>(random.Below(coarse ? 5 : 4'000)),
                 coarse ? static_cast<float>(random.Below(6)) - 1
                        : static_cast<float>(100 * random.Uniform()) - 8);
    }
    const PlanProblem problem = ProblemOf(offers, place);
    std::vector<uint32_t> points;
    std::vector<Increment> hull;
    AppendIncrements(problem, 0, &points, &hull);
    std::vector<PackedIncrement> all;
    uint32_t top = 0;
    for (const Increment& its : hull) top += static_cast<uint32_t>(its.charge / 10'000);
    AppendIncrementsBetween(offers, place, 0, top, &all);
    ASSERT_EQ(all.size(), hull.size());
    uint32_t bought = 0;
    for (size_t i = 0; i < all.size(); ++i) {
      EXPECT_DOUBLE_EQ(all[i].efficiency, hull[i].efficiency);
      EXPECT_EQ(all[i].cost * offers.unit_micros(), hull[i].charge);
      EXPECT_EQ(all[i].place, place);
      // From any corner on, the rest.
      bought += all[i].cost;
      std::vector<PackedIncrement> rest;
      AppendIncrementsBetween(offers, place, bought, top, &rest);
      ASSERT_EQ(rest.size(), all.size() - i - 1);
      for (size_t k = 0; k < rest.size(); ++k) EXPECT_EQ(rest[k].cost, all[i + 1 + k].cost);
    }
  }
}

TEST(PackedIncrements, DearerAndWorthNoMore_IsAStepThatNobodyTakes) {
  PackedOffers offers({1}, 2, 1);
  offers.Set(0, 0, 7, 5);
  offers.Set(0, 1, 3, 5);
  std::vector<PackedIncrement> increments;
  AppendIncrementsBetween(offers, 0, 3, 7, &increments);
  ASSERT_EQ(increments.size(), 1u);
  EXPECT_EQ(increments[0].efficiency, 0);
  EXPECT_EQ(increments[0].cost, 4u);
}

// Whatever each node's usage is off by, up to the error, the prices are within.
TEST(PricesWithin, UsageOffByUpToTheError_HoldsEveryPrice) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    PlanInput input;
    const auto nodes = static_cast<int32_t>(2 + random.Below(8));
    for (int32_t node = 0; node < nodes; ++node) {
      const auto parent =
          node == 0 ? -1 : static_cast<int32_t>(random.Below(static_cast<uint64_t>(node)));
      const int64_t cap = random.Below(4) == 0 ? kUncapped : 2'000 + int64_t(random.Below(30'000));
      const int64_t floor = random.Below(5) == 0 ? std::min<int64_t>(cap, 900) : 0;
      input.nodes.push_back({absl::StrCat("n", node), parent, cap, floor});
    }
    const auto tree = BuildPlanProblem(input);
    ASSERT_TRUE(tree.ok()) << tree.status();
    std::vector<std::vector<Increment>> increments(input.nodes.size());
    for (auto& its : increments) {
      for (uint64_t i = random.Below(200); i > 0; --i) {
        its.push_back({random.Uniform(), 1 + int64_t(random.Below(400))});
      }
    }
    std::vector<double> error;
    for (size_t node = 0; node < input.nodes.size(); ++node)
      error.push_back(500 * random.Uniform());
    const std::vector<DemandCurve> curves = CurvesOf(increments);
    const PathRange within = PricesWithin(*tree, curves, error);
    for (int draw = 0; draw < 20; ++draw) {
      PlanProblem moved = *tree;
      for (size_t node = 0; node < error.size(); ++node) {
        const auto by = static_cast<int64_t>(error[node] * (2 * random.Uniform() - 1));
        if (moved.floor[node] > 0) moved.floor[node] = std::max<int64_t>(0, moved.floor[node] + by);
        if (moved.cap[node] == kUncapped) continue;
        moved.cap[node] = std::max(moved.floor[node], moved.cap[node] + by);
      }
      const std::vector<double> prices = PricesOfTree(moved, curves);
      for (size_t node = 0; node < prices.size(); ++node) {
        EXPECT_GE(prices[node], within.low[node]) << "node " << node;
        EXPECT_LE(prices[node], within.high[node]) << "node " << node;
      }
    }
  }
}

}  // namespace
}  // namespace tenure::budget
