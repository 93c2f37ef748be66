#include "server/planning/model_fit.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "server/base/time.h"
#include "tests/planning/small_shop.h"

namespace tenure::planning {
namespace {

constexpr char kBudget[] = "  - {id: all, period: month, limit: 20, segments: [{id: any}]}\n";

double TotalClv(const customers::Population& population, const clv::ValueModel& model) {
  double total = 0;
  for (const clv::Observation& row : population.Summarize(kNow).observations) {
    clv::ValueFeatures value;
    model.Compute({&row, 1}, {&value, 1});
    total += value.clv;
  }
  return total;
}

// 30 % of every order's revenue comes back, with its margin.
TEST(FitPopulation, RefundsOfThreeTenths_TakeThreeTenthsOfValue) {
  constexpr uint64_t kSeed = 5;
  SCOPED_TRACE(kSeed);
  const auto shop = MakeShop(kBudget, 1'500, kSeed);
  customers::Valuation valuation = shop->world->valuation;
  const double before = TotalClv(shop->population, *valuation.model);
  customers::Change change(&shop->population);
  for (uint32_t number = 1; number <= shop->population.size(); ++number) {
    const customers::Customer customer = shop->population.Get(number).value();
    for (const auto& bought : customer.purchases) {
      journal::EventRecord refund;
      refund.type = journal::EventType::kRefund;
      refund.happened_us = bought.at_us;
      refund.amount_micros = bought.revenue_micros * 3 / 10;
      refund.margin_micros = bought.margin_micros * 3 / 10;
      change.Apply(number, refund, kNow, valuation);
    }
  }
  change.Publish();
  const auto record = FitPopulation(shop->world->rules, shop->population, {kNow, 0});
  ASSERT_TRUE(record.ok()) << record.status();
  const auto model = clv::ValueModel::FromJson(record->model_json).value();
  EXPECT_NEAR(model->options().margin_rate, 0.3, 1e-6);
  EXPECT_NEAR(model->options().kept_share, 0.7, 1e-6);
  EXPECT_NEAR(TotalClv(shop->population, *model) / before, 0.7, 1e-6);
}

TEST(FitPopulation, HoldoutThatCannotBeChecked_LeavesTheFitAndSaysWhy) {
  const auto shop = MakeShop(kBudget, 300, 5);
  const auto why = [&](double days) {
    const auto record = FitPopulation(shop->world->rules, shop->population, {kNow, days});
    EXPECT_TRUE(record.ok()) << days << ": " << record.status();
    if (!record.ok()) return std::string();
    const auto report = nlohmann::json::parse(record->report_json);
    const auto said = report["why"].get<std::string>();
    EXPECT_EQ(report["holdout"].empty(), said.find("No holdout") != said.npos) << said;
    return said;
  };
  EXPECT_EQ(why(90).find("No holdout"), std::string::npos);
  EXPECT_NE(why(3'000).find("nobody had bought before it"), std::string::npos);
  EXPECT_NE(why(20'000).find("before 1970"), std::string::npos);
  // One customer, who bought just as it began: nothing was observed for any time.
  SmallShop tiny;
  customers::Change change(&tiny.population);
  journal::EventRecord bought;
  bought.happened_us = kNow - 10 * kMicrosPerDay;
  bought.amount_micros = 10'000'000;
  change.Apply(change.FindOrAdd("c"), bought, kNow, {});
  change.Publish();
  const auto record = FitPopulation(shop->world->rules, tiny.population, {kNow, 10});
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_NE(record->report_json.find("No holdout"), std::string::npos) << record->report_json;
}

}  // namespace
}  // namespace tenure::planning
