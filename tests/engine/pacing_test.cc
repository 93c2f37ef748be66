// Paced budgets through the engine: prices corrected, days capped, customers turned away, silence.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/decision/explain.h"
#include "server/journal/sqlite/sqlite_journal.h"
#include "tests/engine/journal_behind.h"
#include "tests/engine/shop.h"

namespace tenure::engine {
namespace {

using journal::Outcome;
using testing::HasSubstr;

constexpr int64_t kStepUs = 5 * 60 * kMicrosPerSecond;
constexpr double kPlannedPrice = 0.5;

// The shop with a ranked campaign worth 4.50 net, and a paced budget.
std::shared_ptr<const rules::RuleSet> PacedRules(const std::string& pacing, int64_t limit = 300) {
  return ShopRulesOf(absl::StrReplaceAll(
      ShopYaml(limit),
      {{"    class: service\n", ""},
       {"    unplanned: 0\n", absl::StrCat("    unplanned: 0\n    pacing: ", pacing, "\n")}}));
}

// What operators are told of the shop's budget.
PacingStatus StatusOf(const Shop& shop) {
  std::promise<PacingStatus> promise;
  shop.engine->GetPacing([&](absl::StatusOr<std::vector<PacingStatus>> statuses) {
    promise.set_value(statuses.ok() && statuses->size() == 1 ? statuses->front() : PacingStatus{});
  });
  return promise.get_future().get();
}

class PacingTest : public testing::Test {
 protected:
  static constexpr int kCustomers = 40;

  static void Begin(Shop* shop, const std::string& pacing, bool planned) {
    shop->Open();
    const auto rules = PacedRules(pacing);
    ASSERT_TRUE(shop->Publish(rules).ok());
    std::vector<journal::EventRecord> events;
    for (int c = 1; c <= kCustomers; ++c) {
      const std::string id = absl::StrCat("c", c);
      events.push_back(Purchase(id, absl::StrCat("p", c)));
      events.push_back(EmailConsent(id, absl::StrCat("m", c), journal::ConsentState::kGranted));
    }
    ASSERT_TRUE(shop->Ingest(std::move(events)).ok());
    if (planned) {
      ASSERT_TRUE(shop->Activate(PricedPlan(rules->hash)).ok());
    }
    ASSERT_TRUE(shop->Tick().ok());
  }

  static journal::PlanRecord PricedPlan(const std::string& rule_set) {
    journal::PlanRecord plan = ShopPlan(300'000'000, rule_set);
    plan.segment_of = std::string(kCustomers, '\0');
    plan.nodes[0].price = kPlannedPrice;
    return plan;
  }

  static double Factor(const absl::StatusOr<Decision>& decision) {
    return decision->record.candidates[0].budget_price / kPlannedPrice;
  }
  static Outcome OutcomeOf(const absl::StatusOr<Decision>& decision) {
    return decision->record.candidates[0].outcome;
  }
  static std::string Text(const absl::StatusOr<Decision>& decision) {
    return decision->record.texts.empty() ? "" : decision->record.texts[0];
  }
  void ExpectReplays(const absl::StatusOr<Decision>& decision) {
    const auto rules = shop.engine->GetRules(decision->record.rule_set);
    ASSERT_TRUE(rules.ok());
    EXPECT_TRUE(decision::Replay(**rules, decision->record, decision->at_us).ok())
        << decision::Replay(**rules, decision->record, decision->at_us);
  }
  Shop shop;
};

TEST_F(PacingTest, SpentAheadOfTheCurve_PriceRisesWithinEight) {
  Begin(&shop, "{shape: even}", true);
  const auto first = shop.Decide("c1");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(OutcomeOf(first), Outcome::kSelected);
  EXPECT_EQ(Factor(first), 1);
  for (int c = 2; c <= kCustomers; ++c) ASSERT_TRUE(shop.Decide(absl::StrCat("c", c)).ok());
  // 40 of 300 in the first five minutes of a month: by the gain of 15 the price doubles.
  shop.clock.Advance(kStepUs);
  const auto dearer = shop.Decide("c1");
  EXPECT_NEAR(Factor(dearer), 2, 1e-9);
  EXPECT_EQ(OutcomeOf(dearer), Outcome::kSelected);
  ExpectReplays(first);
  ExpectReplays(dearer);
}

TEST_F(PacingTest, ANewPlan_BeginsAtItsPrices) {
  Begin(&shop, "{shape: even}", true);
  for (int c = 1; c <= kCustomers; ++c) ASSERT_TRUE(shop.Decide(absl::StrCat("c", c)).ok());
  shop.clock.Advance(kStepUs);
  EXPECT_GT(Factor(shop.Decide("c1")), 1);
  ASSERT_TRUE(shop.Activate(PricedPlan(shop.engine->world()->rules->hash)).ok());
  EXPECT_EQ(Factor(shop.Decide("c1")), 1);
}

TEST_F(PacingTest, PeriodsMoneyIsGone_IsTheBudgetsGateAndNotPacing) {
  shop.Open();
  ASSERT_TRUE(shop.Publish(PacedRules("{day_max: 9}", /*limit=*/2)).ok());
  for (const char* id : {"c1", "c2", "c3"}) {
    ASSERT_TRUE(
        shop.Ingest({Purchase(id, absl::StrCat("p", id)),
                     EmailConsent(id, absl::StrCat("m", id), journal::ConsentState::kGranted)})
            .ok());
  }
  ASSERT_TRUE(shop.Tick().ok());
  ASSERT_EQ(OutcomeOf(shop.Decide("c1")), Outcome::kSelected);
  ASSERT_EQ(OutcomeOf(shop.Decide("c2")), Outcome::kSelected);
  const auto third = shop.Decide("c3");
  EXPECT_EQ(OutcomeOf(third), Outcome::kFiltered);
  EXPECT_EQ(third->record.candidates[0].gate, journal::Gate::kBudget);
}

TEST_F(PacingTest, DayCapReached_PacedUntilTomorrowWithTheFigures) {
  Begin(&shop, "{day_max: 2.50}", false);
  const auto first = shop.Decide("c1");
  ASSERT_EQ(OutcomeOf(first), Outcome::kSelected);
  ASSERT_EQ(OutcomeOf(shop.Decide("c2")), Outcome::kSelected);
  const auto third = shop.Decide("c3");
  EXPECT_EQ(OutcomeOf(third), Outcome::kPaced);
  const PacingStatus status = StatusOf(shop);
  EXPECT_EQ(status.day_used_micros, 2'000'000);
  EXPECT_EQ(status.day_max_micros, 2'500'000);
  EXPECT_EQ(status.day.end_us, kStartUs + kMicrosPerDay);
  EXPECT_EQ(Text(third),
            "lifecycle has used 2.00 of 2.50 today, this takes 1.00; until 2018-01-02T00:00:00Z");
  const auto explained = decision::Explain(*shop.engine->world()->rules, third->record);
  ASSERT_TRUE(explained.ok());
  EXPECT_THAT(explained->candidates[0].sentence, HasSubstr("paced: lifecycle has used 2.00"));
  EXPECT_THAT(explained->headline, HasSubstr("stopped by pacing of the budget"));
  ExpectReplays(third);
  // What is given back the same day can be used again, and what is committed only in part.
  ASSERT_TRUE(shop.ReleaseHold(HoldOf(first)).ok());
  EXPECT_EQ(OutcomeOf(shop.Decide("c3")), Outcome::kSelected);
  EXPECT_EQ(OutcomeOf(shop.Decide("c4")), Outcome::kPaced);
  // Holds of the first day expire by then; the next day has its own money all the same.
  shop.clock.Set(kStartUs + kMicrosPerDay);
  EXPECT_EQ(OutcomeOf(shop.Decide("c4")), Outcome::kSelected);
  EXPECT_EQ(OutcomeOf(shop.Decide("c5")), Outcome::kSelected);
  EXPECT_EQ(OutcomeOf(shop.Decide("c6")), Outcome::kPaced);
  EXPECT_TRUE(shop.Verify().ok()) << shop.Verify().status();
}

TEST_F(PacingTest, HoldsThatExpireOrCostLess_GiveTheDayItsMoneyBack) {
  Begin(&shop, "{day_max: 2}", false);
  ASSERT_TRUE(shop.CommitHold(HoldOf(shop.Decide("c1")), 250'000).ok());
  ASSERT_EQ(OutcomeOf(shop.Decide("c2")), Outcome::kSelected);
  EXPECT_THAT(Text(shop.Decide("c3")), HasSubstr("used 1.25 of 2.00"));
  shop.clock.Advance(15 * 60 * kMicrosPerSecond);  // the hold's life
  EXPECT_EQ(OutcomeOf(shop.Decide("c3")), Outcome::kSelected);
  EXPECT_THAT(Text(shop.Decide("c4")), HasSubstr("used 1.25 of 2.00"));
}

TEST_F(PacingTest, NoPriceThatCouldRise_SomeCustomersAreTurnedAwayAllDay) {
  Begin(&shop, "{shape: even}", false);
  for (int c = 1; c <= kCustomers; ++c) ASSERT_TRUE(shop.Decide(absl::StrCat("c", c)).ok());
  shop.clock.Advance(kStepUs);
  std::vector<bool> passed;
  for (int c = 1; c <= kCustomers; ++c) {
    const auto decision = shop.Decide(absl::StrCat("c", c), "", "d", /*dry_run=*/true);
    passed.push_back(OutcomeOf(decision) == Outcome::kSelected);
    if (passed.back()) continue;
    EXPECT_EQ(OutcomeOf(decision), Outcome::kPaced);
    EXPECT_THAT(Text(decision), HasSubstr("lifecycle/unplanned has used 40.00 where 0.03 were "));
    EXPECT_THAT(Text(decision), HasSubstr("50.0 % of customers are reached; until 2018-01-02"));
    ExpectReplays(decision);
  }
  EXPECT_GT(std::count(passed.begin(), passed.end(), true), kCustomers / 5);
  EXPECT_GT(std::count(passed.begin(), passed.end(), false), kCustomers / 5);
  for (int c = 1; c <= kCustomers; ++c) {
    const auto again = shop.Decide(absl::StrCat("c", c), "", "d", /*dry_run=*/true);
    EXPECT_EQ(OutcomeOf(again) == Outcome::kSelected, passed[static_cast<size_t>(c) - 1]);
  }
}

TEST_F(PacingTest, SilenceWhereManyAreExpected_AlarmsOnceAndSaysWhenItIsOver) {
  Begin(&shop, "{shape: curve, stale_after: 30m}", true);
  for (int step = 0; step < 24; ++step) {
    for (int c = 1; c <= 4; ++c) ASSERT_TRUE(shop.Decide(absl::StrCat("c", c)).ok());
    shop.clock.Advance(kStepUs);
    ASSERT_TRUE(shop.Tick().ok());
  }
  shop.logged.clear();
  const double before = Factor(shop.Decide("c1", "", "d", /*dry_run=*/true));
  for (int step = 0; step < 24; ++step) {
    shop.clock.Advance(kStepUs);
    ASSERT_TRUE(shop.Tick().ok());
  }
  EXPECT_EQ(Factor(shop.Decide("c1", "", "d", /*dry_run=*/true)), before);
  ASSERT_EQ(shop.logged.size(), 1u);
  EXPECT_THAT(shop.logged[0], HasSubstr("No decision on budget lifecycle came for"));
  EXPECT_THAT(shop.logged[0], HasSubstr("its prices are frozen"));
  EXPECT_EQ(StatusOf(shop).in_force.state, journal::PacingState::kStale);
  EXPECT_GT(StatusOf(shop).in_force.missed_arrivals, 20);
  // A plan in the midst of it is no decision, and no second alarm.
  ASSERT_TRUE(shop.Activate(PricedPlan(shop.engine->world()->rules->hash)).ok());
  shop.clock.Advance(kStepUs);
  ASSERT_TRUE(shop.Tick().ok());
  EXPECT_EQ(StatusOf(shop).in_force.state, journal::PacingState::kStale);
  ASSERT_EQ(shop.logged.size(), 1u);
  ASSERT_TRUE(shop.Decide("c1").ok());
  shop.clock.Advance(kStepUs);
  ASSERT_TRUE(shop.Tick().ok());
  ASSERT_EQ(shop.logged.size(), 2u);
  EXPECT_EQ(shop.logged[1], "Decisions on budget lifecycle come again.");
}

// Decisions come from 20:00 to 22:00 on the shop's clock, which is five and a half hours before
// UTC's: that is when its next Monday wants to spend, and the operator is told so.
TEST_F(PacingTest, DecisionsAtAnHourOfTheZone_TargetRisesInThatHour) {
  shop.Open();
  const auto rules = ShopRulesOf(absl::StrReplaceAll(
      ShopYaml(300), {{"    class: service\n", ""},
                      {"zone: UTC", "zone: Asia/Kolkata"},
                      {"    unplanned: 0\n", "    unplanned: 0\n    pacing: {}\n"}}));
  ASSERT_TRUE(shop.Publish(rules).ok());
  ASSERT_TRUE(
      shop.Ingest({Purchase("c1", "p1"), EmailConsent("c1", "m1", journal::ConsentState::kGranted)})
          .ok());
  ASSERT_TRUE(shop.Tick().ok());
  EXPECT_FALSE(StatusOf(shop).learned);
  // By the local half hour, on the eighth day; without a plan all money is the unplanned one's.
  std::map<int64_t, double> target;
  const int64_t midnight_us = kStartUs - 11 * kMicrosPerHour / 2;
  while (shop.clock.NowUs() < midnight_us + 8 * kMicrosPerDay) {
    shop.clock.Advance(kStepUs);
    const int64_t local_us = shop.clock.NowUs() - midnight_us;
    const int64_t hour = local_us % kMicrosPerDay / kMicrosPerHour;
    if (hour == 20 || hour == 21) {
      ASSERT_TRUE(shop.Decide("c1", "", "d").ok());
    }
    ASSERT_TRUE(shop.Tick().ok());
    if (local_us < 7 * kMicrosPerDay || local_us % (kMicrosPerHour / 2) != 0) continue;
    target[local_us % kMicrosPerDay / (kMicrosPerHour / 2)] =
        StatusOf(shop).in_force.envelopes.back().target_micros;
  }
  EXPECT_TRUE(StatusOf(shop).learned);
  const double evening = target[44] - target[40];  // from 20:00 to 22:00
  EXPECT_GT(evening, 4 * (target[40] - target[36]));
  EXPECT_GT(evening, 4 * (target[20] - target[16]));
}

// Two shops are asked the same; one of them is closed and opened now and then, with its snapshot
// and without: every decision has the same bytes.
TEST_F(PacingTest, RestartedInThePacedDay_SameDecisions) {
  Shop restarted;
  for (Shop* each : {&shop, &restarted}) Begin(each, "{shape: front_loaded, day_max: 20}", true);
  int asked = 0, paced = 0;
  double most = 0;
  for (int step = 0; step < 12; ++step) {
    for (int c = 1; c <= 8; ++c) {
      const std::string customer = absl::StrCat("c", c), request = absl::StrCat("r", ++asked);
      const auto kept = shop.Decide(customer, request);
      const auto again = restarted.Decide(customer, request);
      ASSERT_TRUE(kept.ok() && again.ok());
      ASSERT_EQ(journal::Encode(again->record), journal::Encode(kept->record)) << asked;
      paced += OutcomeOf(kept) == Outcome::kPaced ? 1 : 0;
      most = std::max(most, Factor(kept));
      ExpectReplays(kept);
      if (c % 3 != 0 || HoldOf(kept) == 0) continue;
      ASSERT_TRUE(shop.CommitHold(HoldOf(kept), 600'000).ok());
      ASSERT_TRUE(restarted.CommitHold(HoldOf(again), 600'000).ok());
    }
    for (Shop* each : {&shop, &restarted}) {
      each->clock.Advance(kStepUs);
      ASSERT_TRUE(each->Tick().ok());
    }
    if (step % 4 == 3) {
      restarted.Close();
      if (step % 8 == 7) restarted.RemoveSnapshot();
      restarted.Open();
    }
  }
  EXPECT_GT(most, 1.5);
  EXPECT_GT(paced, 0);
  EXPECT_TRUE(restarted.Verify().ok());
  // What is kept of it, bit for bit: with snapshots, without, and without a restart.
  for (Shop* each : {&shop, &restarted}) each->Close();
  const std::string bytes = restarted.SnapshotBytes();
  restarted.RemoveSnapshot();
  restarted.Open();
  restarted.Close();
  EXPECT_TRUE(restarted.SnapshotBytes() == bytes);
  EXPECT_TRUE(shop.SnapshotBytes() == bytes);
}

// A journal whose disk is full while `full` says so.
class FullJournal final : public JournalBehind {
 public:
  FullJournal(std::unique_ptr<journal::Journal> real, const std::atomic<bool>* full)
      : JournalBehind(std::move(real)), full_(*full) {}
  absl::Status Append(absl::Span<const journal::Entry> entries) override {
    return full_ ? absl::ResourceExhaustedError("disk full") : JournalBehind::Append(entries);
  }

 private:
  const std::atomic<bool>& full_;
};

TEST_F(PacingTest, SilenceWhileTheDiskIsFull_AlarmIsSaidOnceAndAfterItsCommit) {
  const auto alarms = [this] {
    return std::count_if(shop.logged.begin(), shop.logged.end(), [](const std::string& line) {
      return absl::StartsWith(line, "No decision on budget lifecycle came");
    });
  };
  Begin(&shop, "{shape: curve, stale_after: 30m}", true);
  shop.Close();
  std::atomic<bool> full{false};
  auto journal = journal::SqliteJournal::Open({.dir = shop.dir});
  ASSERT_TRUE(journal.ok());
  Options options = shop.options();
  options.log = [this](Severity, absl::string_view line) { shop.logged.emplace_back(line); };
  shop.Open(options, std::make_unique<FullJournal>(*std::move(journal), &full));
  for (int step = 0; step < 24; ++step) {
    for (int c = 1; c <= 4; ++c) ASSERT_TRUE(shop.Decide(absl::StrCat("c", c)).ok());
    shop.clock.Advance(kStepUs);
    ASSERT_TRUE(shop.Tick().ok());
  }
  // One more step of silence makes it twenty.
  while (StatusOf(shop).in_force.missed_arrivals < 19) {
    shop.clock.Advance(kStepUs);
    ASSERT_TRUE(shop.Tick().ok());
  }
  ASSERT_EQ(alarms(), 0);
  full = true;
  for (int step = 0; step < 2; ++step) {
    shop.clock.Advance(kStepUs);
    EXPECT_EQ(shop.Tick().status().code(), absl::StatusCode::kUnavailable);
  }
  EXPECT_EQ(alarms(), 0);
  full = false;
  // The first shows that the disk has room, the second finds the correction still due.
  ASSERT_TRUE(shop.Tick().ok());
  ASSERT_TRUE(shop.Tick().ok());
  EXPECT_EQ(StatusOf(shop).in_force.state, journal::PacingState::kStale);
  EXPECT_EQ(alarms(), 1);
}

TEST_F(PacingTest, UndoneBatch_TakesNothingOfTheDay) {
  Begin(&shop, "{day_max: 2}", false);
  shop.Close();
  std::atomic<bool> full{false};
  auto journal = journal::SqliteJournal::Open({.dir = shop.dir});
  ASSERT_TRUE(journal.ok());
  shop.Open(shop.options(), std::make_unique<FullJournal>(*std::move(journal), &full));
  full = true;
  EXPECT_EQ(shop.Decide("c1").status().code(), absl::StatusCode::kUnavailable);
  full = false;
  EXPECT_EQ(OutcomeOf(shop.Decide("c1")), Outcome::kSelected);
  EXPECT_EQ(OutcomeOf(shop.Decide("c2")), Outcome::kSelected);
  EXPECT_EQ(OutcomeOf(shop.Decide("c3")), Outcome::kPaced);
  shop.Close();
}

}  // namespace
}  // namespace tenure::engine
