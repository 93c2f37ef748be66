// Rules published while a plan is in force: what it shared out stays so, below the declared limit.
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/planning/plan_request.h"
#include "tests/engine/shop.h"

namespace tenure::daemon {
namespace {

constexpr int64_t kUnit = 1'000'000;
constexpr int kNone = -1;

// A month's 12.00. Ten customers have used 10.00 of it before anybody planned, which stays with the
// unplanned, and exploration gets the 2.00 that are left where 5.00 are declared.
class RepublishTest : public testing::Test {
 protected:
  void SetUp() override {
    shop.Open();
    Publish(12, 1, 5);
    for (int c = 0; c < 10; ++c) Add(absl::StrCat("c", c));
    ASSERT_TRUE(shop.Activate(engine::ShopModel()).ok());
    for (int c = 0; c < 10; ++c) ASSERT_NE(engine::HoldOf(shop.Decide(absl::StrCat("c", c))), 0u);
    planning::PlanRequest request = planning::RequestOf("lifecycle", Basis());
    auto plan = planning::MakePlan(*shop.engine->world(), shop.engine->population(), request);
    ASSERT_TRUE(plan.ok()) << plan.status();
    ASSERT_TRUE(shop.Activate(std::move(plan->record)).ok());
    ASSERT_EQ(Limit("unplanned"), 10 * kUnit);
    ASSERT_EQ(Limit("exploration"), 2 * kUnit);
  }

  // `exploration`: kNone, the rules have none; `title`: what makes other rules of the same amounts.
  void Publish(int limit, int unplanned, int exploration, const std::string& title = "Thanks") {
    std::string declared = absl::StrCat("    unplanned: ", unplanned, "\n");
    if (exploration != kNone) {
      absl::StrAppend(&declared, "    exploration: {limit: ", exploration, ", share: 2 %}\n");
    }
    const std::string yaml = absl::StrReplaceAll(
        engine::ShopYaml(limit),
        {{"    unplanned: 0\n", declared}, {"title: Thanks", "title: " + title}});
    ASSERT_TRUE(shop.Publish(engine::ShopRulesOf(yaml)).ok());
  }
  void Add(const std::string& customer) {
    ASSERT_TRUE(shop.Ingest({engine::Purchase(customer, customer)}).ok());
  }
  engine::PlanBasis Basis() {
    std::promise<engine::PlanBasis> asked;
    shop.engine->GetPlanBasis("lifecycle", [&](auto basis) { asked.set_value(*std::move(basis)); });
    return asked.get_future().get();
  }
  int64_t Limit(const std::string& segment) {
    const int64_t of_campaign =
        shop.Balance(absl::StrCat("lifecycle/", segment, "/thanks")).limit_micros;
    const int64_t limit = shop.Balance(absl::StrCat("lifecycle/", segment)).limit_micros;
    EXPECT_EQ(of_campaign, limit);
    return limit;
  }

  engine::Shop shop;
};

TEST_F(RepublishTest, SameAmounts_ThePlansStay) {
  Publish(12, 1, 5, "Many thanks");
  EXPECT_EQ(Limit("unplanned"), 10 * kUnit);
  EXPECT_EQ(Limit("exploration"), 2 * kUnit);
  EXPECT_FALSE(shop.Balance("lifecycle/unplanned").overcommitted);
  shop.Close();
  shop.RemoveSnapshot();
  shop.Open();
  EXPECT_EQ(Limit("exploration"), 2 * kUnit);
  EXPECT_TRUE(shop.Verify().ok());
}

TEST_F(RepublishTest, AnotherAmount_IsInForceAtOnceAndTheOthersStay) {
  Publish(12, 1, 4);
  EXPECT_EQ(Limit("exploration"), 4 * kUnit);
  EXPECT_EQ(Limit("unplanned"), 10 * kUnit);
  Publish(30, 20, 5);
  EXPECT_EQ(Limit("unplanned"), 20 * kUnit);
  // As declared when the plan was made.
  EXPECT_EQ(Limit("exploration"), 2 * kUnit);
}

TEST_F(RepublishTest, PartsAboveTheLimit_NeverSpendMoreThanIt) {
  Publish(12, 1, kNone);
  journal::PlanRecord plan =
      engine::ShopPlan(12 * kUnit, shop.engine->world()->rules->hash, engine::ShopModel().hash);
  plan.nodes[1].limit_micros = plan.nodes[3].limit_micros = 2 * kUnit;
  plan.nodes[2].limit_micros = plan.nodes[4].limit_micros = 10 * kUnit;
  plan.segment_of = std::string(10, '\0');
  plan.declared_unplanned_micros = kUnit;
  ASSERT_TRUE(shop.Activate(std::move(plan)).ok());
  Publish(12, 12, kNone);
  EXPECT_EQ(Limit("everybody"), 2 * kUnit);
  EXPECT_EQ(Limit("unplanned"), 12 * kUnit);
  for (const char* late : {"late0", "late1"}) Add(late);
  EXPECT_NE(engine::HoldOf(shop.Decide("c0")), 0u);
  EXPECT_NE(engine::HoldOf(shop.Decide("late0")), 0u);
  // Each part has room, the whole has none.
  EXPECT_EQ(engine::HoldOf(shop.Decide("c1")), 0u);
  EXPECT_EQ(engine::HoldOf(shop.Decide("late1")), 0u);
  EXPECT_EQ(shop.Balance().held_micros, 12 * kUnit);
  EXPECT_FALSE(shop.Balance().overcommitted);
  EXPECT_TRUE(shop.Verify().ok());
}

TEST_F(RepublishTest, LimitBelowWhatIsUsed_HoldsNothingNewWhateverThePartsSay) {
  Publish(6, 1, 5);
  EXPECT_EQ(Limit("unplanned"), 10 * kUnit);
  EXPECT_EQ(Limit("exploration"), 2 * kUnit);
  EXPECT_TRUE(shop.Balance().overcommitted);
  Add("late");
  EXPECT_EQ(engine::HoldOf(shop.Decide("late")), 0u);
  EXPECT_TRUE(shop.Verify().ok());
}

TEST_F(RepublishTest, NextPeriod_HasTheDeclaredAmounts) {
  Publish(12, 1, 5, "Many thanks");
  shop.clock.Set(engine::kStartUs + 32 * kMicrosPerDay);
  ASSERT_TRUE(shop.Tick().ok());
  EXPECT_EQ(Limit("exploration"), 5 * kUnit);
  EXPECT_EQ(Limit("unplanned"), 12 * kUnit);
}

}  // namespace
}  // namespace tenure::daemon
