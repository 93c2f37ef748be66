// What a plan, and what rules need to come into force.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_replace.h"
#include "tests/engine/shop.h"

namespace tenure::engine {
namespace {

using absl::StatusCode;
using testing::HasSubstr;

class PlanTest : public testing::Test {
 protected:
  PlanTest() {
    shop.Open();
    EXPECT_TRUE(shop.Publish(old_rules).ok());
    EXPECT_TRUE(shop.Ingest({Purchase("c1", "e1")}).ok());
  }
  const std::shared_ptr<const rules::RuleSet> old_rules = ShopRules(1'000);
  Shop shop;
};

TEST_F(PlanTest, MadeByEarlierRules_IsRefusedAndTheNewLimitStands) {
  const journal::PlanRecord plan = ShopPlan(1'000'000'000, old_rules->hash);
  ASSERT_TRUE(shop.Publish(ShopRules(2)).ok());
  const absl::Status refused = shop.Activate(plan).status();
  EXPECT_EQ(refused.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("rules changed"));
  EXPECT_EQ(shop.Balance().limit_micros, 2'000'000);
  EXPECT_EQ(shop.engine->GetPlan().status().code(), StatusCode::kNotFound);
}

TEST_F(PlanTest, MadeByAnEarlierModel_IsRefused) {
  ASSERT_TRUE(shop.Activate(ShopModel(1)).ok());
  const journal::PlanRecord plan = ShopPlan(5'000'000, old_rules->hash, ShopModel(1).hash);
  ASSERT_TRUE(shop.Activate(ShopModel(2)).ok());
  const absl::Status refused = shop.Activate(plan).status();
  EXPECT_EQ(refused.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("model changed"));
  EXPECT_TRUE(shop.Activate(ShopPlan(5'000'000, old_rules->hash, ShopModel(2).hash)).ok());
  EXPECT_EQ(shop.Balance().limit_micros, 5'000'000);
}

TEST_F(PlanTest, RepeatedUnderItsRequestId_IsAnsweredAlsoAfterTheRulesChanged) {
  journal::PlanRecord plan = ShopPlan(5'000'000, old_rules->hash);
  plan.request_id = std::string("r1");
  const auto first = shop.Activate(plan);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE(shop.Publish(ShopRules(2)).ok());
  EXPECT_EQ(*shop.Activate(plan), *first);
}

TEST_F(PlanTest, AfterAChangeOfZone_FitsThePeriodThatIsOpen) {
  const auto berlin =
      ShopRulesOf(absl::StrReplaceAll(ShopYaml(1'000), {{"zone: UTC", "zone: Europe/Berlin"}}));
  ASSERT_TRUE(shop.Publish(berlin).ok());
  journal::PlanRecord plan = ShopPlan(5'000'000, berlin->hash);
  plan.start_us -= kMicrosPerHour;
  plan.end_us -= kMicrosPerHour;
  EXPECT_EQ(shop.Activate(plan).status().code(), StatusCode::kFailedPrecondition);
  const BudgetBalance open = shop.Balance();
  plan.start_us = open.start_us;
  plan.end_us = open.end_us;
  EXPECT_TRUE(shop.Activate(plan).ok());
}

TEST_F(PlanTest, RulesOfAnotherCurrency_AreRefusedAndNothingIsReinterpreted) {
  const std::string yaml = absl::StrReplaceAll(ShopYaml(1'000), {{"USD", "EUR"}});
  const absl::Status refused = shop.Publish(ShopRulesOf(yaml)).status();
  EXPECT_EQ(refused.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("USD"));
  EXPECT_EQ(shop.engine->world()->rules->currency, "USD");
  EXPECT_TRUE(shop.Publish(ShopRules(3)).ok());
  // The same by the state of a snapshot, and of the whole journal.
  for (const bool snapshot : {true, false}) {
    shop.Close();
    if (!snapshot) shop.RemoveSnapshot();
    shop.Open();
    EXPECT_EQ(shop.Publish(ShopRulesOf(yaml)).status().code(), StatusCode::kFailedPrecondition);
    EXPECT_EQ(shop.engine->world()->rules->currency, "USD");
  }
}

}  // namespace
}  // namespace tenure::engine
