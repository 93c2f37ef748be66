#include "server/planning/arrivals.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <future>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/random.h"
#include "server/base/time.h"
#include "server/planning/contact_slots.h"
#include "server/planning/plan.h"
#include "tests/decisions/case_file.h"
#include "tests/decisions/shop.h"
#include "tests/decisions/simulated_customers.h"

namespace tenure::planning {
namespace {

double Wait(double per_day, Random* random) { return -std::log(random->UniformOpen()) / per_day; }

TEST(ExpectedUses, EqualTheMeanOfManySimulations) {
  Random random(11);
  for (const double per_day : {0.02, 0.3, 2.0}) {
    for (const double pause : {0.0, 0.5, 7.0, 40.0}) {
      SCOPED_TRACE(absl::StrCat(per_day, " a day, pause of ", pause, " days, seed 11"));
      constexpr int kRuns = 20'000;
      constexpr double kDays = 30;
      double sum = 0, squares = 0;
      for (int run = 0; run < kRuns; ++run) {
        int uses = 0;
        double ready = 0;
        for (double at = Wait(per_day, &random); at < kDays; at += Wait(per_day, &random)) {
          if (at < ready) continue;
          ++uses;
          ready = at + pause;
        }
        sum += uses;
        squares += uses * uses;
      }
      const double mean = sum / kRuns;
      const double error = std::sqrt((squares / kRuns - mean * mean) / kRuns);
      EXPECT_NEAR(ExpectedUses(per_day, pause, kDays), mean, 5 * error);
    }
  }
}

TEST(ExpectedUses, WithoutArrivalsOrTime_None) {
  EXPECT_EQ(ExpectedUses(0, 1, 30), 0);
  EXPECT_EQ(ExpectedUses(1, 1, 0), 0);
  EXPECT_EQ(ExpectedUses(2, 0, 10), 20);
}

rules::RuleSet TwoStages() {
  rules::RuleSet rules;
  rules.zone = "UTC";
  rules.tracks.resize(1);
  rules.tracks[0].stages.resize(2);
  rules.tracks[0].stages[0].id = "silent";
  rules.tracks[0].stages[1].id = "active";
  return rules;
}

TEST(FindArrivals, FewCounted_TheRulesSay) {
  rules::RuleSet rules = TwoStages();
  const std::vector<int64_t> customers = {100, 50, 0};
  EXPECT_EQ(FindArrivals(rules, {}, customers).source, ArrivalSource::kUnknown);
  rules.arrivals_per_week = 3.5;
  const Arrivals declared = FindArrivals(rules, {6.9, {{"active", 5'000}}}, customers);
  EXPECT_EQ(declared.source, ArrivalSource::kDeclared);
  EXPECT_EQ(declared.stages[0].per_day, 0.5);
}

TEST(FindArrivals, EnoughCounted_ByStageAndCustomer) {
  rules::RuleSet rules = TwoStages();
  rules.arrivals_per_week = 3.5;
  const Arrivals measured =
      FindArrivals(rules, {10, {{"active", 250}, {"gone", 7}}}, std::vector<int64_t>{100, 50, 0});
  EXPECT_EQ(measured.source, ArrivalSource::kMeasured);
  EXPECT_EQ(measured.stages[0].per_day, 0);  // nobody asked for the silent
  EXPECT_EQ(measured.stages[1].per_day, 0.5);
}

// Campaigns by e-mail without cool-downs, and a cap on all contacts.
rules::RuleSet Capped(int campaigns, int contacts_a_month) {
  rules::RuleSet rules = TwoStages();
  rules.campaigns.resize(static_cast<size_t>(campaigns));
  for (int c = 0; c < campaigns; ++c) {
    rules.campaigns[static_cast<size_t>(c)].id = absl::StrCat("c", c);
    rules.campaigns[static_cast<size_t>(c)].cooldown_us = 30 * kMicrosPerDay;
  }
  rules::Cap cap;
  cap.count = contacts_a_month;
  cap.rolling_us = 30 * kMicrosPerDay;
  rules.caps.push_back(cap);
  return rules;
}

Arrivals Every(double per_day) {
  Arrivals arrivals;
  arrivals.source = ArrivalSource::kDeclared;
  arrivals.stages.assign(3, {100, per_day});
  return arrivals;
}

TEST(ContactSlots, EnoughOfThem_AreWorthNothing) {
  const rules::RuleSet rules = Capped(3, 3);
  const auto slots = ContactSlots::Create(rules, Every(2), 0, 30 * kMicrosPerDay);
  ASSERT_TRUE(slots.ok()) << slots.status();
  std::vector<double> uses;
  EXPECT_EQ(slots->Expect(1, {{0, 9.0}, {1, 5.0}, {2, 1.0}}, &uses), 0);
  for (const double use : uses) EXPECT_NEAR(use, 1, 1e-9);  // 60 arrivals, once each
}

TEST(ContactSlots, TooFew_AreWorthTheBestThatTheyKeepOut) {
  const rules::RuleSet rules = Capped(3, 2);
  const auto slots = ContactSlots::Create(rules, Every(2), 0, 30 * kMicrosPerDay);
  ASSERT_TRUE(slots.ok()) << slots.status();
  std::vector<double> uses;
  EXPECT_EQ(slots->Expect(1, {{2, 9.0}, {0, 5.0}, {1, 1.5}}, &uses), 1.5);
  EXPECT_NEAR(uses[0] + uses[1], 2, 1e-9);
  EXPECT_EQ(uses[2], 0);
}

TEST(ContactSlots, FewArrivals_TheBestComesFirst) {
  const rules::RuleSet rules = Capped(2, 100);
  const auto slots = ContactSlots::Create(rules, Every(1.0 / 30), 0, 30 * kMicrosPerDay);
  ASSERT_TRUE(slots.ok()) << slots.status();
  std::vector<double> uses;
  slots->Expect(0, {{1, 9.0}, {0, 5.0}}, &uses);
  EXPECT_NEAR(uses[0], 1 - std::exp(-1), 1e-12);  // P(one arrival at least)
  EXPECT_LT(uses[1], uses[0]);
  EXPECT_NEAR(uses[1], 1 - 2 * std::exp(-1), 0.05);  // P(two at least), by a thinned process
}

TEST(SlotPrice, IsTheMedian) {
  std::vector<double> none, some = {0, 3, 0, 7, 5};
  EXPECT_EQ(SlotPrice(&none), 0);
  EXPECT_EQ(SlotPrice(&some), 3);
}

// ---- A plan against what decisions then spend. ----

constexpr char kRules[] = R"(
name: shop
currency: EUR
zone: UTC
value: {model: mbg_nbd}
arrivals: {per_week: 4}
tracks:
  - id: lifecycle
    stages:
      - {id: silent, enter: days_since_last_purchase > 120.0, exit: days_since_last_purchase < 60.0}
      - {id: active, enter: days_since_last_purchase <= 120.0}
caps:
  - {id: three, count: 3, rolling: 7d}
campaigns:
  - {id: mail, channel: email, plugin: upsell, params: {min_purchases: 1}, budget: all,
     cooldown: 3d, offers: [{id: note, contact_cost: 0.02}]}
  - {id: card, channel: email, plugin: upsell, params: {min_purchases: 1, uplift: 0.3,
     uplift_low: 0.1, uplift_high: 0.5}, budget: all, cooldown: 7d,
     offers: [{id: card, contact_cost: 0.30}]}
  - {id: call, channel: email, stages: [silent], plugin: win_back, budget: all, cooldown: 7d,
     offers: [{id: call, contact_cost: 0.10}]}
budgets:
  - id: all
    period: week
    limit: LIMIT
    segments:
      - {id: silent, when: stage == "silent"}
      - {id: others}
)";

constexpr int kShopCustomers = 1'500;

decisions::CaseFile OnlineShop(const std::string& limit) {
  decisions::CaseFile file;
  std::string text = kRules;
  text.replace(text.find("LIMIT"), 5, limit);
  file.sources = {{"rules.yaml", text}};
  file.at_us = 17'532 * kMicrosPerDay;  // 2018-01-01, a Monday
  file.parameters.model = "mbg_nbd";
  file.parameters.purchase = {0.525, 6.183, 0.891, 1.614};
  file.parameters.spend = {6.25, 3.74, 44};
  file.margin_rate = 0.3;
  file.plan = "all";
  decisions::AddSimulatedCustomers(kShopCustomers, 44, 5, &file);
  return file;
}

struct Spent {
  double planned = 0, online = 0, limit = 0;
};

Spent PlanAndLive(const std::string& limit) {
  const auto shop = decisions::Shop::Open(
      OnlineShop(limit), absl::StrCat(std::getenv("TENURE_BINARY_DIR"), "/lib/tenure/plugins"));
  EXPECT_TRUE(shop.ok()) << shop.status();
  Random random(8);
  std::vector<std::pair<double, std::string>> arrivals;  // day, customer
  for (int c = 0; c < kShopCustomers; ++c) {
    for (double at = Wait(4.0 / 7, &random); at < 7; at += Wait(4.0 / 7, &random)) {
      arrivals.emplace_back(at, absl::StrCat("c", c));
    }
  }
  std::sort(arrivals.begin(), arrivals.end());
  double now = 0;
  for (const auto& [at, customer] : arrivals) {
    if (at - now > 1.0 / 24) {
      const auto hours = static_cast<int64_t>((at - now) * 24);
      EXPECT_TRUE((*shop)->Pass(hours * kMicrosPerHour).ok());
      now += static_cast<double>(hours) / 24;
    }
    EXPECT_TRUE((*shop)->Decide(customer).ok());
    EXPECT_TRUE((*shop)->SettleLast(/*commit=*/true).ok());
  }
  const auto plans = (*shop)->engine().plans();
  EXPECT_EQ(plans.size(), 1u);
  Spent spent;
  spent.planned = static_cast<double>(plans.front()->nodes.front().planned_spend_micros) * 1e-6;
  std::promise<std::vector<engine::BudgetBalance>> balances;
  (*shop)->engine().GetBalances([&](auto all) { balances.set_value(*std::move(all)); });
  for (const engine::BudgetBalance& balance : balances.get_future().get()) {
    if (balance.path != "all") continue;
    spent.online = static_cast<double>(balance.committed_micros) * 1e-6;
    spent.limit = static_cast<double>(balance.limit_micros) * 1e-6;
  }
  return spent;
}

TEST(PlannedSpend, OfASlackBudget_IsWhatDecisionsSpend) {
  const Spent spent = PlanAndLive("100000");
  EXPECT_GT(spent.planned, 100);
  EXPECT_NEAR(spent.online / spent.planned, 1, 0.1);
}

TEST(PlannedSpend, OfATightBudget_IsWhatDecisionsSpend) {
  const Spent spent = PlanAndLive("150");
  EXPECT_GT(spent.planned, 140);
  EXPECT_LE(spent.online, spent.limit);
  EXPECT_NEAR(spent.online / spent.planned, 1, 0.1);
}

}  // namespace
}  // namespace tenure::planning
