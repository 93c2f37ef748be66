#include "server/planning/model_validation.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <memory>
#include <string>

#include "server/base/digest.h"
#include "server/base/time.h"
#include "tests/planning/small_shop.h"

namespace tenure::planning {
namespace {

constexpr char kBudget[] = "  - {id: all, period: month, limit: 20, segments: [{id: any}]}\n";
constexpr uint64_t kSeed = 5;

class ValidatePopulationTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { shop = MakeShop(kBudget, 2'500, kSeed).release(); }
  static void TearDownTestSuite() { delete shop; }
  absl::StatusOr<validation::ModelValidation> Run(int days,
                                                  std::shared_ptr<const clv::ValueModel> model) {
    return ValidatePopulation(shop->world->rules, shop->population,
                              {kNow, days, {std::move(model), nullptr}});
  }

  static SmallShop* shop;
};
SmallShop* ValidatePopulationTest::shop = nullptr;

TEST_F(ValidatePopulationTest, CustomersOfTheModelItself_AreBelieved) {
  SCOPED_TRACE(kSeed);
  const auto validated = Run(182, nullptr);
  ASSERT_TRUE(validated.ok()) << validated.status();
  const validation::Agreement& purchases = validated->figures.purchases;
  EXPECT_LT(std::abs(purchases.bias), 3 * purchases.bias_standard_error);
  EXPECT_LT(std::abs(validated->figures.value.bias),
            3 * validated->figures.value.bias_standard_error);
  EXPECT_GT(purchases.gini_gain, 0.4);
  EXPECT_NE(validated->verdict.grade, validation::Grade::kPoor) << validated->verdict.summary;
  ASSERT_TRUE(validated->tracking.has_value());
  EXPECT_NEAR(validated->tracking->calibration_expected / validated->tracking->calibration_actual,
              1, 0.05);
  EXPECT_EQ(validated->tracking->holdout_actual, purchases.actual) << "182 days are 26 weeks";
  EXPECT_EQ(validated->facts.tried.size(), 1u) << "the rule set names its model";
}

TEST_F(ValidatePopulationTest, ActualFigures_AreThePopulationsOwn) {
  const auto validated = Run(91, nullptr);
  ASSERT_TRUE(validated.ok()) << validated.status();
  const int64_t end_us = DayOf(kNow) * kMicrosPerDay - 1;
  const auto summary = shop->population.Summarize(end_us, end_us - 91 * kMicrosPerDay);
  double purchases = 0;
  for (double each : summary.holdout_purchases) purchases += each;
  EXPECT_EQ(validated->figures.purchases.actual, purchases);
  EXPECT_EQ(validated->figures.customers, static_cast<double>(summary.customers.size()));
  double spend = 0;
  for (uint32_t number : summary.customers) {
    const customers::Customer customer = shop->population.Get(number).value();
    for (const auto& bought : customer.purchases) {
      if (bought.at_us > end_us - 91 * kMicrosPerDay && bought.at_us <= end_us) {
        spend += static_cast<double>(bought.revenue_micros) * 1e-6;
      }
    }
  }
  EXPECT_NEAR(validated->figures.value.actual, spend, 1e-6 * spend);
}

TEST_F(ValidatePopulationTest, ModelInForce_IsValidatedByItsOwnNameWithAWarning) {
  const auto& model = shop->world->valuation.model;
  const auto validated = Run(91, model);
  ASSERT_TRUE(validated.ok()) << validated.status();
  EXPECT_EQ(validated->facts.version, Sha256Hex(model->ToJson()));
  EXPECT_NE(validated->facts.model_origin.find("flatter"), std::string::npos);
}

TEST_F(ValidatePopulationTest, HoldoutBeforeTheFirstPurchase_IsRefused) {
  EXPECT_EQ(Run(3'000, nullptr).status().code(), absl::StatusCode::kFailedPrecondition);
  const auto early = Run(20'000, nullptr).status();
  EXPECT_NE(early.message().find("before 1970"), std::string::npos) << early;
}

TEST_F(ValidatePopulationTest, Cancelled_Ends) {
  const std::atomic<bool> over{true};
  const auto validated =
      ValidatePopulation(shop->world->rules, shop->population, {kNow, 91, {}, &over});
  EXPECT_EQ(validated.status().code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace tenure::planning
