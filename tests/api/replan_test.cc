// Plans by rule: due by the journal alone, whatever restarts come between.
#include "server/main/replan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/planning/plan_request.h"
#include "tests/engine/shop.h"

namespace tenure::daemon {
namespace {

using engine::PlanBasis;
using engine::PlanMade;
using ::testing::HasSubstr;

constexpr int64_t kUnit = 1'000'000;

// A plan of 100.00 made at the start of ten days, for 1,000 customers.
PlanBasis Planned(int64_t spent_micros) {
  PlanBasis basis;
  basis.limit_micros = 100 * kUnit;
  basis.planned_micros = spent_micros;
  basis.made = PlanMade{7, 0, 10 * kMicrosPerDay, 0, 100 * kUnit, 1'000};
  return basis;
}

rules::Replan When(double spend, double newcomers) {
  rules::Replan replan;
  if (spend > 0) replan.when_spend_off_by = spend;
  if (newcomers > 0) replan.when_newcomers_above = newcomers;
  return replan;
}

TEST(WhyReplan, SpendOffByMore_SaysWhatWasForeseen) {
  const int64_t half = 5 * kMicrosPerDay;
  EXPECT_EQ(WhyReplan(When(0.2, 0), Planned(31 * kUnit), 1'000, half), "");
  EXPECT_THAT(WhyReplan(When(0.2, 0), Planned(29 * kUnit), 1'000, half),
              HasSubstr("29.00 is held or spent where the last plan foresaw 50.00"));
  EXPECT_NE(WhyReplan(When(0.2, 0), Planned(71 * kUnit), 1'000, half), "");
}

TEST(WhyReplan, PacedBudgetOnItsCurve_IsNotOff) {
  PlanBasis basis = Planned(62 * kUnit);
  const int64_t half = 5 * kMicrosPerDay;
  EXPECT_THAT(WhyReplan(When(0.1, 0), basis, 1'000, half), HasSubstr("foresaw 50.00"));
  basis.foreseen_share = 0.625;
  EXPECT_EQ(WhyReplan(When(0.1, 0), basis, 1'000, half), "");
  basis.planned_micros = 51 * kUnit;
  EXPECT_THAT(WhyReplan(When(0.1, 0), basis, 1'000, half), HasSubstr("foresaw 62.50"));
}

TEST(WhyReplan, NewcomersAboveTheShare_SaysHowMany) {
  EXPECT_EQ(WhyReplan(When(0, 0.1), Planned(0), 1'111, kMicrosPerDay), "");
  EXPECT_THAT(WhyReplan(When(0, 0.1), Planned(0), 1'250, kMicrosPerDay), HasSubstr("20.0 %"));
}

TEST(WhyReplan, WithinTheHour_NeverTwice) {
  EXPECT_EQ(WhyReplan(When(0.2, 0.1), Planned(90 * kUnit), 9'000, kMicrosPerHour - 1), "");
}

TEST(WhyReplan, PeriodOver_PlansTheNext) {
  EXPECT_THAT(WhyReplan(When(0.2, 0), Planned(0), 1'000, 10 * kMicrosPerDay), HasSubstr("over"));
}

TEST(WhyReplan, NeverPlanned_WaitsForTheFirstByHand) {
  EXPECT_EQ(WhyReplan(When(0.2, 0.1), PlanBasis(), 1'000, kMicrosPerDay), "");
}

std::vector<journal::PlanShareRecord> Mix(int64_t heavy, int64_t light) {
  return {{"heavy", "any", "high", heavy}, {"light", "any", "", light}};
}

TEST(WhyMoved, MoreThanAllowedBeyondChance_SaysWhoMost) {
  // A fifth of the customers has moved; by chance it would be 1.3 % of a thousand.
  EXPECT_THAT(WhyMoved(0.15, Mix(500, 500), Mix(700, 300)),
              HasSubstr("20.0 % of the customers are in other segments, stages or tiers"));
  EXPECT_THAT(WhyMoved(0.15, Mix(500, 500), Mix(700, 300)),
              HasSubstr("segment heavy, stage any, tier high, 50.0 % then and 70.0 % now"));
  EXPECT_EQ(WhyMoved(0.19, Mix(500, 500), Mix(700, 300)), "");
  EXPECT_NE(WhyMoved(0.19, Mix(500, 500), Mix(70'000, 30'000)), "");
}

TEST(WhyMoved, ASampleOfTheSameOrAnOldPlan_HasNotMoved) {
  EXPECT_EQ(WhyMoved(0.01, Mix(50'000, 50'000), Mix(51, 49)), "");
  EXPECT_EQ(WhyMoved(0.01, {}, Mix(51, 49)), "");
  EXPECT_NE(WhyMoved(0.5, {{"gone", "any", "", 100}}, Mix(51, 49)), "");
}

class ReplanTest : public testing::Test {
 protected:
  void Begin(const std::string& replan, const std::string& segments = "      - {id: everybody}\n") {
    shop.Open();
    const std::string yaml = absl::StrReplaceAll(
        engine::ShopYaml(20),
        {{"    unplanned: 0\n", absl::StrCat("    unplanned: 1\n    replan: ", replan, "\n")},
         {"      - {id: everybody}\n", segments}});
    ASSERT_TRUE(shop.Publish(engine::ShopRulesOf(yaml)).ok());
    for (int c = 0; c < 10; ++c) Add(absl::StrCat("c", c));
    ASSERT_TRUE(shop.Activate(engine::ShopModel()).ok());
  }
  void Add(const std::string& customer) {
    ASSERT_TRUE(shop.Ingest({engine::Purchase(customer, customer)}).ok());
  }
  void PlanByHand() {
    planning::PlanRequest request;
    request.budget = "lifecycle";
    request.at_us = shop.engine->NowUs();
    auto plan = planning::MakePlan(*shop.engine->world(), shop.engine->population(), request);
    ASSERT_TRUE(plan.ok()) << plan.status();
    ASSERT_TRUE(shop.Activate(std::move(plan->record)).ok());
  }
  // As a server that was just started.
  int LookAfter(double days) {
    shop.clock.Advance(static_cast<int64_t>(days * double{kMicrosPerDay}));
    return Replan(shop.engine.get(), nullptr).RunIfDue();
  }

  engine::Shop shop;
};

TEST_F(ReplanTest, EveryTwoDays_PlansOnceEachAlsoAcrossRestarts) {
  Begin("{every: 2d}");
  EXPECT_EQ(LookAfter(5), 0);  // the first is made by hand
  PlanByHand();
  const std::string by_hand = shop.engine->GetPlan()->record.id;
  EXPECT_EQ(LookAfter(1.9), 0);
  EXPECT_EQ(LookAfter(0.2), 1);
  const auto plan = shop.engine->GetPlan();
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->record.caller, kReplanCaller);
  EXPECT_NE(plan->record.id, by_hand);
  EXPECT_EQ(LookAfter(0), 0);
  shop.Close();
  shop.Open();
  EXPECT_EQ(LookAfter(1.9), 0);
  EXPECT_EQ(LookAfter(0.2), 1);
}

TEST_F(ReplanTest, Newcomers_JoinThePlanAndKeepTheirHolds) {
  Begin("{when_newcomers_above: 30 %}");
  PlanByHand();
  for (int c = 0; c < 5; ++c) Add(absl::StrCat("late", c));
  EXPECT_EQ(LookAfter(0.01), 0);
  const uint64_t hold = engine::HoldOf(shop.Decide("c1"));
  ASSERT_NE(hold, 0u);
  EXPECT_EQ(LookAfter(0.05), 1);
  EXPECT_EQ(shop.engine->GetPlan()->record.segment_of.size(), 15u);
  EXPECT_TRUE(shop.Verify().ok());
}

// Nobody is new and nothing was spent: three of ten have bought again, and are planned for as such.
TEST_F(ReplanTest, CustomersChangeSegments_PlannedAnewOnceAndAlsoAfterARestart) {
  Begin("{when_population_moved_by: 15 %}",
        "      - {id: again, when: purchases >= 2}\n      - {id: once}\n");
  PlanByHand();
  const journal::PlanRecord planned = shop.engine->GetPlan()->record;
  ASSERT_EQ(planned.population.size(), 1u);
  EXPECT_EQ(planned.population[0].segment, "once");
  EXPECT_EQ(planned.population[0].customers, 10);
  EXPECT_EQ(LookAfter(0.1), 0);
  const auto again = [&](int customer) {
    return engine::Purchase(absl::StrCat("c", customer), absl::StrCat("again", customer),
                            shop.engine->NowUs());
  };
  ASSERT_TRUE(shop.Ingest({again(0)}).ok());
  EXPECT_EQ(LookAfter(1), 0);
  ASSERT_TRUE(shop.Ingest({again(1), again(2)}).ok());
  shop.Close();
  shop.Open();
  EXPECT_EQ(LookAfter(1), 1);
  const journal::PlanRecord anew = shop.engine->GetPlan()->record;
  ASSERT_EQ(anew.population.size(), 2u);
  EXPECT_EQ(anew.population[0].segment, "again");
  EXPECT_EQ(anew.population[0].customers, 3);
  EXPECT_EQ(LookAfter(1), 0);
}

TEST_F(ReplanTest, FrontLoadedPacing_IsForeseenByItsCurve) {
  Begin("{when_spend_off_by: 10 %}\n    pacing: {shape: front_loaded}");
  PlanByHand();
  shop.clock.Advance(kMicrosPerHour);
  std::promise<engine::PlanBasis> asked;
  shop.engine->GetPlanBasis("lifecycle", [&](auto basis) { asked.set_value(*basis); });
  const engine::PlanBasis basis = asked.get_future().get();
  ASSERT_TRUE(basis.foreseen_share.has_value());
  const double passed = static_cast<double>(basis.at_us - basis.made->at_us) /
                        static_cast<double>(basis.made->end_us - basis.made->at_us);
  EXPECT_GT(*basis.foreseen_share, 1.3 * passed);
  EXPECT_LT(*basis.foreseen_share, 1.6 * passed);
}

TEST_F(ReplanTest, PeriodOver_PlansTheNextOne) {
  Begin("{every: 52w}");
  PlanByHand();
  EXPECT_EQ(LookAfter(31), 1);
  EXPECT_EQ(shop.engine->GetPlan()->record.start_us, engine::kStartUs + 31 * kMicrosPerDay);
}

}  // namespace
}  // namespace tenure::daemon
