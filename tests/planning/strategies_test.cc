#include "server/planning/strategies.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "server/clv/alive_process.h"
#include "server/rules/features.h"
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

// The truth is the posterior of who is known through and through: a Gamma of rate λ without spread
// and a Beta of dropout p without spread.
TEST(FillTruth, KnownCustomer_HasTheModelsValues) {
  const auto shop = MakeShop(kShortOfMoney, 50, 3);
  const clv::ValueOptions& options = shop->world->valuation.model->options();
  const double discount = std::log1p(options.discount_per_year) / 365.25;
  constexpr double kSharp = 1e8;
  for (const double dropout : {0.02, 0.3, 0.9}) {
    for (const double rate : {0.003, 0.05, 0.5}) {
      SCOPED_TRACE(testing::Message() << "dropout " << dropout << " rate " << rate);
      Batch batch(shop->world->rules->schema, 1);
      FillTruth({true, rate, dropout, 50, 20}, options, 0, &batch);
      const clv::AliveProcess known = {kSharp, kSharp / rate, kSharp * dropout,
                                       kSharp * (1 - dropout)};
      // A grid's scale is its process's rate; here that says nothing of how fast value ends.
      const clv::Outlook outlook = known.OutlookOver(clv::TimeGrid::Over(
          options.response_window_days, options.horizon_days, discount, 1 / (rate * dropout)));
      const auto value = [&](rules::Feature feature) { return batch.column(feature).Double(0); };
      EXPECT_NEAR(value(rules::kClv) / (20 * outlook.value), 1, 1e-4);
      EXPECT_NEAR(value(rules::kAtRiskW) / (20 * outlook.at_risk), 1, 1e-4);
      EXPECT_LT(value(rules::kAtRiskW),
                value(rules::kClv) * rate * dropout * options.response_window_days);
    }
  }
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
