#include "server/planning/strategies.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/planning/small_shop.h"

namespace tenure::planning {
namespace {

constexpr char kShortOfMoney[] =
    "  - {id: all, period: month, limit: 20, split: optimal, unplanned: 1, segments: [{id: "
    "any}]}\n";
constexpr int64_t kSpendable = 19'000'000;

TEST(CompareStrategies, ShortOfMoney_OracleLeadsAndNobodyOverspends) {
  constexpr uint64_t kSeed = 11;
  SCOPED_TRACE(kSeed);
  const auto shop = MakeShop(kShortOfMoney, 4'000, kSeed);
  const auto results = CompareStrategies(*shop->world, *shop->oracle, shop->population, shop->truth,
                                         {"all", kNow, kSeed});
  ASSERT_TRUE(results.ok()) << results.status();
  std::map<std::string, StrategyResult> by_name;
  for (const StrategyResult& result : *results) by_name[result.name] = result;
  ASSERT_EQ(by_name.size(), 6u);
  EXPECT_EQ(by_name[kNothing].value, 0);
  const StrategyResult& oracle = by_name[kBayesOracle];
  EXPECT_GT(oracle.offers, 0);
  for (const StrategyResult& result : *results) {
    SCOPED_TRACE(result.name);
    EXPECT_LE(result.charge_micros, kSpendable);
    // One draw of the fates: the oracle leads by expectation, not by each draw.
    EXPECT_LE(result.value, 1.05 * oracle.value);
  }
  EXPECT_GT(by_name[kPlan].value, 0.95 * oracle.value);
  EXPECT_GT(by_name[kPlan].value, by_name["random"].value);
  EXPECT_GT(by_name[kPlan].value, by_name["lowest p_alive"].value);
  // Fates aside, what the oracle expects is what it gets.
  EXPECT_NEAR(oracle.claimed, oracle.value, 0.15 * oracle.value);
}

TEST(CompareStrategies, TruthOfTooFew_IsRefused) {
  const auto shop = MakeShop(kShortOfMoney, 50, 3);
  shop->truth.pop_back();
  const auto results = CompareStrategies(*shop->world, *shop->oracle, shop->population, shop->truth,
                                         {"all", kNow, 1});
  EXPECT_EQ(results.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(CompareStrategies, UnknownBudget_IsNotFound) {
  const auto shop = MakeShop(kShortOfMoney, 50, 3);
  const auto results = CompareStrategies(*shop->world, *shop->oracle, shop->population, shop->truth,
                                         {"other", kNow, 1});
  EXPECT_EQ(results.status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace tenure::planning
