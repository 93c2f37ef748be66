// Versions of plans: each has a name of its own, is listed, read back, and the same after a
// restart.
#include "server/engine/plan_versions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/engine/shop.h"

namespace tenure::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kUnit = 1'000'000;

class PlanVersionsTest : public testing::Test {
 protected:
  PlanVersionsTest() {
    shop.Open();
    EXPECT_TRUE(shop.Publish(rules).ok());
    EXPECT_TRUE(shop.Ingest({Purchase("c1", "e1")}).ok());
  }

  // The entry of a new plan.
  uint64_t Plan(const std::string& budget, int64_t limit) {
    journal::PlanRecord plan = ShopPlan(limit * kUnit, rules->hash);
    plan.budget = budget;
    for (journal::PlanNodeRecord& node : plan.nodes) {
      node.path = absl::StrReplaceAll(node.path, {{"lifecycle", budget}});
    }
    if (budget == "other") plan.nodes.resize(3);
    shop.clock.Advance(kMicrosPerSecond);
    const auto seq = shop.Activate(std::move(plan));
    EXPECT_TRUE(seq.ok()) << seq.status();
    return seq.value_or(0);
  }
  // By pages of `size`: "lifecycle 5 at 2".
  std::vector<std::string> List(const std::string& budget, size_t size) {
    std::vector<std::string> all;
    uint64_t from = 0;
    do {
      const auto page = shop.engine->ListPlans(budget, from, size);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) return all;
      EXPECT_LE(page->versions.size(), size);
      for (const PlanVersion& version : page->versions) {
        EXPECT_EQ(version.record.id, PlanId(version.seq));
        EXPECT_EQ(version.record.segment_of, "");
        all.push_back(absl::StrCat(version.record.budget, " ",
                                   version.record.nodes[0].limit_micros / kUnit, " at ",
                                   (version.at_us - kStartUs) / kMicrosPerSecond));
      }
      from = page->next;
    } while (from != 0);
    return all;
  }

  const std::shared_ptr<const rules::RuleSet> rules = ShopRulesOf(absl::StrReplaceAll(
      ShopYaml(20), {{"budgets:\n",
                      "budgets:\n  - {id: other, period: month, limit: 5, unplanned: 0, "
                      "segments: [{id: everybody}]}\n"}}));
  Shop shop;
};

TEST_F(PlanVersionsTest, OfTwoBudgets_AreListedTogetherAndApartByPages) {
  EXPECT_THAT(List("", 3), IsEmpty());
  for (const int64_t limit : {5, 6, 7}) {
    Plan("lifecycle", limit);
    Plan("other", limit - 4);
  }
  for (const bool restart : {false, true}) {
    SCOPED_TRACE(restart);
    for (const size_t size : {1, 2, 100}) {
      EXPECT_THAT(List("", size),
                  ElementsAre("other 3 at 6", "lifecycle 7 at 5", "other 2 at 4",
                              "lifecycle 6 at 3", "other 1 at 2", "lifecycle 5 at 1"));
      EXPECT_THAT(List("other", size), ElementsAre("other 3 at 6", "other 2 at 4", "other 1 at 2"));
      EXPECT_THAT(List("nosuch", size), IsEmpty());
    }
    shop.Close();
    shop.RemoveSnapshot();
    shop.Open();
  }
  Plan("other", 4);
  EXPECT_THAT(List("other", 2),
              ElementsAre("other 4 at 7", "other 3 at 6", "other 2 at 4", "other 1 at 2"));
}

TEST_F(PlanVersionsTest, SamePlanTwice_IsTwoVersionsAndTheOlderIsReadBack) {
  const uint64_t first = Plan("lifecycle", 5), second = Plan("lifecycle", 5);
  EXPECT_NE(PlanId(first), PlanId(second));
  EXPECT_EQ(PlanOfId(PlanId(first)), first);
  const auto older = shop.engine->GetPlan(first);
  ASSERT_TRUE(older.ok()) << older.status();
  EXPECT_EQ(older->record.id, PlanId(first));
  EXPECT_EQ(older->record.segment_of.size(), 1u);
  EXPECT_EQ(older->at_us, kStartUs + kMicrosPerSecond);
  EXPECT_EQ(shop.Decide("c1")->record.plan, PlanId(second));
}

TEST_F(PlanVersionsTest, WhatIsNoPlan_IsSaid) {
  const uint64_t plan = Plan("lifecycle", 5);
  for (const uint64_t seq : {plan - 1, plan + 1, uint64_t{0}}) {
    const absl::Status none = shop.engine->GetPlan(seq).status();
    EXPECT_EQ(none.code(), absl::StatusCode::kNotFound);
    EXPECT_THAT(std::string(none.message()), HasSubstr("tenure plan list"));
  }
  EXPECT_EQ(PlanOfId("5"), 0u);
  EXPECT_EQ(PlanOfId("nosuch"), 0u);
  // A place in the journal where the list does not go on.
  EXPECT_EQ(shop.engine->ListPlans("", plan - 1, 3).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(shop.engine->ListPlans("other", plan, 3).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(PlanVersionsTest, PeriodOver_StaysInTheList) {
  Plan("lifecycle", 5);
  shop.clock.Set(kStartUs + 32 * kMicrosPerDay);
  ASSERT_TRUE(shop.Tick().ok());
  EXPECT_THAT(shop.engine->plans(), IsEmpty());
  EXPECT_THAT(List("lifecycle", 3), ElementsAre("lifecycle 5 at 1"));
}

}  // namespace
}  // namespace tenure::engine
