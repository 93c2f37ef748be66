// A model in force against a new fit, and against what has happened since.
#include "server/planning/model_health.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/base/time.h"
#include "server/planning/model_comparison.h"
#include "server/planning/model_fit.h"
#include "tests/planning/small_shop.h"

namespace tenure::planning {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kSeed = 5;
constexpr char kBudget[] = "  - {id: all, period: month, limit: 20, segments: [{id: any}]}\n";

class ModelHealthTest : public testing::Test {
 protected:
  ModelHealthTest() : shop(MakeShop(kBudget, 2'000, kSeed)) {
    fitted = FitPopulation(shop->world->rules, shop->population, {kNow, 0}).value();
  }
  // NBD of this r, with the cut points of r = 5: the greater it is, the more everybody is to buy.
  journal::ModelRecord Nbd(double r) const {
    const auto model = clv::ValueModel::FromJson(fitted.model_json).value();
    clv::ValueParameters parameters = model->parameters();
    parameters.model = "nbd";
    parameters.purchase = {5, parameters.purchase[1]};
    parameters.purchase_log_cov.clear();
    const auto five = clv::ValueModel::Create(parameters, model->options()).value();
    parameters.purchase[0] = r;
    journal::ModelRecord record = fitted;
    record.model_json = clv::ValueModel::Create(parameters, model->options()).value()->ToJson();
    record.cut_points = shop->population.CutPointsAt(kNow, {shop->world->rules, five, {}});
    record.hash = absl::StrCat("nbd-", r);
    record.as_of_us = kNow - 100 * kMicrosPerDay;
    return record;
  }
  ModelHealth Health(const journal::ModelRecord& record, int64_t at_us = kNow) const {
    const auto health = CheckHealth(shop->world->rules, shop->population, record, at_us);
    EXPECT_TRUE(health.ok()) << health.status();
    return health.value_or(ModelHealth());
  }

  const std::unique_ptr<SmallShop> shop;
  journal::ModelRecord fitted;
};

TEST_F(ModelHealthTest, FreshFit_IsStable) {
  const ModelHealth health = Health(fitted);
  EXPECT_EQ(health.verdict, HealthVerdict::kStable) << health.why;
  EXPECT_TRUE(health.remedy.empty());
  EXPECT_TRUE(health.knew_window);
  ASSERT_EQ(health.shifts.size(), 3u);
  for (const Shift& shift : health.shifts) {
    EXPECT_NEAR(shift.index, 0, 1e-12) << shift.quantity;
    EXPECT_NEAR(std::accumulate(shift.now.begin(), shift.now.end(), 0.0), 1, 1e-12);
    EXPECT_EQ(shift.now.size(), shift.ends.size() + 1);
  }
  int64_t customers = 0;
  double expected = 0, actual = 0;
  for (const CalibrationBin& bin : health.bins) {
    customers += bin.customers;
    expected += bin.expected;
    actual += bin.actual;
  }
  EXPECT_GT(customers, 1'000);
  EXPECT_NEAR(expected, health.expected, 1e-9);
  EXPECT_EQ(actual, health.actual);
}

TEST_F(ModelHealthTest, ModelThatExpectsFarTooMuch_IsOffAndSaysWhatToDo) {
  const ModelHealth health = Health(Nbd(40));
  EXPECT_EQ(health.verdict, HealthVerdict::kRefit);
  EXPECT_GT(health.off_by, 0.2);
  EXPECT_TRUE(health.significant);
  EXPECT_FALSE(health.knew_window);
  EXPECT_THAT(health.why, HasSubstr("were expected"));
  EXPECT_THAT(health.remedy, HasSubstr("tenure models fit --candidate"));
}

// Everybody falls silent for most of a year: recency is another one.
TEST_F(ModelHealthTest, SilenceSinceTheFit_IsDrift) {
  const ModelHealth health = Health(fitted, kNow + 300 * kMicrosPerDay);
  EXPECT_EQ(health.verdict, HealthVerdict::kRefit);
  EXPECT_THAT(health.why, HasSubstr("recency_days has moved"));
  EXPECT_GT(health.shifts[2].index, kIndexToRefit);
}

TEST_F(ModelHealthTest, ReportThatKeptNothing_StillChecksTheCalibration) {
  journal::ModelRecord old = fitted;
  for (const char* report : {"", "{}", "[1]", R"({"distributions": {"clv": 3}})"}) {
    old.report_json = report;
    const ModelHealth health = Health(old);
    EXPECT_TRUE(health.shifts.empty()) << report;
    EXPECT_GT(health.window_days, 0);
  }
}

TEST_F(ModelHealthTest, ModelAgainstItself_ChangesNobody) {
  const auto same = CompareModels(shop->world->rules, shop->population, fitted, fitted, {kNow, 28});
  ASSERT_TRUE(same.ok()) << same.status();
  EXPECT_EQ(same->customers_changing(), 0);
  EXPECT_EQ(same->tiers.value_before, same->tiers.value_after);
  EXPECT_EQ(same->base_check.expected, same->model_check.expected);
  EXPECT_TRUE(same->model_check.knew_period);
  EXPECT_EQ(same->days, 28);
}

TEST_F(ModelHealthTest, AnotherModel_IsHeldAgainstTheSamePurchasesAndCountsWhoMoves) {
  const auto compared =
      CompareModels(shop->world->rules, shop->population, Nbd(5), Nbd(7), {kNow, 56});
  ASSERT_TRUE(compared.ok()) << compared.status();
  EXPECT_GT(compared->model_check.expected, compared->base_check.expected);
  EXPECT_FALSE(compared->model_check.knew_period);
  EXPECT_GT(compared->model_check.mean_absolute_error, 0);
  EXPECT_GT(compared->customers_changing(), 0);
  // All values rise, so nobody falls.
  const auto& customers = compared->tiers.customers;
  EXPECT_EQ(customers[2][1] + customers[2][0] + customers[1][0], 0);
  EXPECT_GT(compared->tiers.value_after, compared->tiers.value_before);
}

TEST_F(ModelHealthTest, PeriodThatCannotBeChecked_SaysWhyAndStillCountsTiers) {
  for (const double days : {0.0, 3'000.0, 20'000.0}) {
    const auto compared =
        CompareModels(shop->world->rules, shop->population, fitted, fitted, {kNow, days});
    ASSERT_TRUE(compared.ok()) << compared.status();
    EXPECT_FALSE(compared->unchecked.empty()) << days;
    EXPECT_GT(compared->tiers.customers[0][0], 0);
  }
}

TEST_F(ModelHealthTest, FitSaysWhereItComesFrom) {
  EXPECT_EQ(fitted.rule_set, shop->world->rules->hash);
  EXPECT_EQ(fitted.as_of_us, kNow);
  EXPECT_FALSE(IsFallback(fitted));
  EXPECT_THAT(fitted.report_json, HasSubstr("\"learn_from\":\"weighted\""));
  const auto again = FitPopulation(shop->world->rules, shop->population, {kNow, 0});
  EXPECT_EQ(again->hash, fitted.hash);
  const auto later =
      FitPopulation(shop->world->rules, shop->population, {kNow + kMicrosPerDay / 2, 0});
  EXPECT_NE(later->hash, fitted.hash);
}

}  // namespace
}  // namespace tenure::planning
