#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "tests/engine/shop.h"

namespace tenure::engine {
namespace {

using absl::StatusCode;

class DecideTest : public testing::Test {
 protected:
  void Open(int64_t limit = 3, const std::string& extra = "") {
    shop.Open();
    ASSERT_TRUE(shop.Publish(ShopRules(limit, extra)).ok());
    ASSERT_TRUE(shop.Ingest({Purchase("c1", "e1"), Purchase("c2", "e2")}).ok());
  }
  Shop shop;
};

TEST_F(DecideTest, WithoutRules_FailedPrecondition) {
  shop.Open();
  EXPECT_EQ(shop.Decide("c1").status().code(), StatusCode::kFailedPrecondition);
}

TEST_F(DecideTest, UnknownCustomer_NotFound) {
  Open();
  EXPECT_EQ(shop.Decide("nobody").status().code(), StatusCode::kNotFound);
}

TEST_F(DecideTest, SelectedOffer_HoldsItsLiabilityAndIsKept) {
  Open();
  const auto decision = shop.Decide("c1");
  ASSERT_TRUE(decision.ok()) << decision.status();
  ASSERT_EQ(decision->record.selections.size(), 1u);
  EXPECT_EQ(HoldOf(decision), HoldId(decision->seq, 0));
  EXPECT_EQ(decision->record.stage, "active");
  EXPECT_EQ(shop.Balance().held_micros, 1'000'000);
  EXPECT_EQ(shop.Balance("lifecycle/unplanned").limit_micros, 3'000'000);
  const auto kept = shop.engine->GetDecision(decision->seq);
  ASSERT_TRUE(kept.ok());
  EXPECT_EQ(journal::Encode(kept->record), journal::Encode(decision->record));
  EXPECT_EQ(*ParseDecisionId(DecisionId(decision->seq)), decision->seq);
}

TEST_F(DecideTest, EmptyBudget_SelectsNothingAndNamesTheNode) {
  Open(2);
  shop.Decide("c1").status().IgnoreError();
  shop.Decide("c2").status().IgnoreError();
  const auto third = shop.Decide("c1");
  ASSERT_TRUE(third.ok());
  EXPECT_TRUE(third->record.selections.empty());
  EXPECT_EQ(third->record.candidates[0].gate, journal::Gate::kBudget);
  EXPECT_TRUE(shop.Verify().ok()) << shop.Verify().status();
}

TEST_F(DecideTest, DryRun_LeavesNoTrace) {
  Open();
  const uint64_t before = shop.engine->health().last_seq;
  const auto decision = shop.Decide("c1", "", "d", true);
  ASSERT_TRUE(decision.ok());
  EXPECT_EQ(decision->seq, 0u);
  EXPECT_EQ(decision->record.selections.size(), 1u);
  EXPECT_EQ(shop.engine->health().last_seq, before);
  EXPECT_EQ(shop.Balance().held_micros, 0);
}

TEST_F(DecideTest, RepeatedRequestId_GivesTheSameBytesAlsoAfterARestart) {
  Open();
  const auto first = shop.Decide("c1", "r1");
  const std::string bytes = journal::Encode(first->record);
  EXPECT_EQ(journal::Encode(shop.Decide("c1", "r1")->record), bytes);
  EXPECT_EQ(shop.Decide("c1", "r1", "other").status().code(), StatusCode::kAlreadyExists);
  shop.Close();
  shop.Open();
  EXPECT_EQ(journal::Encode(shop.Decide("c1", "r1")->record), bytes);
  EXPECT_EQ(shop.Balance().held_micros, 1'000'000);
  shop.clock.Advance(24 * kMicrosPerHour);
  EXPECT_EQ(shop.Decide("c1", "r1")->seq, first->seq);
  shop.clock.Advance(kMicrosPerHour);
  EXPECT_NE(shop.Decide("c1", "r1")->seq, first->seq);
}

TEST_F(DecideTest, RequestIdOfAnHoursLastInstant_IsKnownADayLater) {
  shop.clock.Set(kStartUs + kMicrosPerHour - 1);
  Open();
  const auto first = shop.Decide("c1", "r1");
  shop.clock.Advance(24 * kMicrosPerHour);
  EXPECT_EQ(shop.Decide("c1", "r1")->seq, first->seq);
}

TEST_F(DecideTest, BatchWithOneCustomerTwice_LaterRowSeesTheEarlierHold) {
  Open(1);
  std::promise<std::vector<absl::StatusOr<Decision>>> promise;
  shop.engine->BatchDecide({{{}, "c1"}, {{}, "nobody"}, {{}, "c1"}},
                           [&](auto results) { promise.set_value(std::move(results)); });
  const auto results = promise.get_future().get();
  ASSERT_EQ(results.size(), 3u);
  EXPECT_EQ(results[0]->record.selections.size(), 1u);
  EXPECT_EQ(results[1].status().code(), StatusCode::kNotFound);
  EXPECT_TRUE(results[2]->record.selections.empty());
}

TEST_F(DecideTest, SettledHold_IsNotSettledAgainByAnotherRequest) {
  Open();
  const uint64_t released = HoldOf(shop.Decide("c1"));
  ASSERT_TRUE(shop.ReleaseHold(released, "r1").ok());
  EXPECT_EQ(shop.ReleaseHold(released, "r2").status().code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(shop.ReleaseHold(released, "r1").ok());
  const uint64_t committed = HoldOf(shop.Decide("c2"));
  ASSERT_TRUE(shop.CommitHold(committed, 7, "r3").ok());
  EXPECT_EQ(shop.CommitHold(committed, 7, "r4").status().code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(shop.CommitHold(committed, 8, "r5").status().code(), StatusCode::kFailedPrecondition);
  const auto audit = shop.Verify();
  EXPECT_TRUE(audit.ok()) << audit.status();
}

TEST_F(DecideTest, Commit_SpendsAndFreesTheRest) {
  Open();
  const uint64_t hold = HoldOf(shop.Decide("c1"));
  EXPECT_EQ(shop.CommitHold(hold, 1'000'001).status().code(), StatusCode::kOutOfRange);
  const auto committed = shop.CommitHold(hold, 400'000, "r1");
  ASSERT_TRUE(committed.ok()) << committed.status();
  EXPECT_EQ(committed->state, "COMMITTED");
  EXPECT_EQ(shop.CommitHold(hold, 400'000, "r1")->committed_micros, 400'000);
  EXPECT_EQ(shop.CommitHold(hold, 5, "r1", "other").status().code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(shop.ReleaseHold(hold).status().code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(shop.Balance().held_micros, 0);
  EXPECT_EQ(shop.Balance().committed_micros, 400'000);
  EXPECT_TRUE(shop.engine->population().Get(1)->contacts[0].confirmed);
  EXPECT_EQ(shop.CommitHold(5, 0).status().code(), StatusCode::kNotFound);
}

TEST_F(DecideTest, Release_GivesMoneyAndContactBack) {
  Open();
  const uint64_t hold = HoldOf(shop.Decide("c1"));
  EXPECT_EQ(shop.engine->population().Get(1)->contacts.size(), 1u);
  ASSERT_TRUE(shop.ReleaseHold(hold).ok());
  EXPECT_EQ(shop.Balance().held_micros, 0);
  EXPECT_TRUE(shop.engine->population().Get(1)->contacts.empty());
}

TEST_F(DecideTest, ExpiredHold_IsJournaledAndCanNoLongerBeCommitted) {
  Open();
  const uint64_t hold = HoldOf(shop.Decide("c1"));
  shop.clock.Advance(15 * 60 * kMicrosPerSecond);
  EXPECT_EQ(shop.CommitHold(hold, 1).status().code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(shop.GetHold(hold)->state, "EXPIRED");
  ASSERT_EQ(shop.engine->population().Get(1)->contacts.size(), 1u);
  EXPECT_FALSE(shop.engine->population().Get(1)->contacts[0].confirmed);
  shop.Close();
  shop.Open();
  EXPECT_EQ(shop.GetHold(hold)->state, "EXPIRED");
}

TEST_F(DecideTest, NewMonth_OpensItsBudgetAtTheBoundary) {
  Open(1);
  shop.Decide("c1").status().IgnoreError();
  shop.clock.Set(kStartUs + 31 * kMicrosPerDay);
  const auto february = shop.Decide("c1");
  ASSERT_TRUE(february.ok());
  EXPECT_EQ(february->record.selections.size(), 1u);
  EXPECT_TRUE(shop.Verify().ok()) << shop.Verify().status();
}

// Shows the month's last instant for some readings more, then the next month's first.
class TurningClock final : public Clock {
 public:
  int64_t NowUs() const override { return left_.fetch_sub(1) > 0 ? kEnd - 1 : kEnd; }
  void TurnAfter(int readings) { left_ = readings; }

 private:
  static constexpr int64_t kEnd = kStartUs + 31 * kMicrosPerDay;
  mutable std::atomic<int> left_{1'000'000};
};

TEST(PeriodEnd, WheneverTheClockPassesIt_ABudgetIsOpen) {
  for (int readings = 1; readings < 8; ++readings) {
    Shop shop;
    TurningClock clock;
    Options options = shop.options();
    options.clock = &clock;
    shop.Open(options);
    ASSERT_TRUE(shop.Publish(ShopRules(3)).ok());
    ASSERT_TRUE(shop.Ingest({Purchase("c1", "e1")}).ok());
    clock.TurnAfter(readings);
    const auto decision = shop.Decide("c1");
    ASSERT_TRUE(decision.ok()) << decision.status();
    EXPECT_EQ(decision->record.selections.size(), 1u) << "turned after " << readings;
    shop.Close();
  }
}

TEST_F(DecideTest, LoweredLimit_IsOvercommittedAndBlocks) {
  Open(3);
  shop.Decide("c1").status().IgnoreError();
  shop.Decide("c2").status().IgnoreError();
  ASSERT_TRUE(shop.Publish(ShopRules(1)).ok());
  EXPECT_TRUE(shop.Balance().overcommitted);
  EXPECT_TRUE(shop.Decide("c1")->record.selections.empty());
  EXPECT_TRUE(shop.Verify().ok()) << shop.Verify().status();
}

TEST_F(DecideTest, EarlierRules_CanBeReadByTheirHash) {
  Open(3);
  const std::string hash = ShopRules(3)->hash;
  shop.Publish(ShopRules(4)).status().IgnoreError();
  const auto rules = shop.engine->GetRules(hash);
  ASSERT_TRUE(rules.ok()) << rules.status();
  EXPECT_EQ((*rules)->budgets[0].limit_micros, 3'000'000);
  EXPECT_EQ(shop.engine->GetRules("none").status().code(), StatusCode::kNotFound);
}

TEST_F(DecideTest, BatchThatReusesAnId_DecidesNothingAtAll) {
  Open(9);
  const auto batch = [&](const std::string& digest, const std::vector<std::string>& customers) {
    std::vector<DecideRequest> rows;
    for (const std::string& customer : customers) {
      rows.push_back({{"test", "r/" + std::to_string(rows.size()), digest}, customer, false});
    }
    std::promise<std::vector<absl::StatusOr<Decision>>> done;
    shop.engine->BatchDecide(std::move(rows), [&](auto results) { done.set_value(results); });
    return done.get_future().get();
  };
  const auto first = batch("two", {"c1", "c2"});
  ASSERT_TRUE(first[0].ok() && first[1].ok());
  const auto other = batch("three", {"c1", "c2", "c1"});
  ASSERT_EQ(other.size(), 3u);
  for (const auto& row : other) EXPECT_EQ(row.status().code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(shop.Balance().held_micros, 2'000'000);
  const auto again = batch("two", {"c1", "c2"});
  EXPECT_EQ(again[1]->seq, first[1]->seq);
}

TEST_F(DecideTest, Plan_OpensItsSegmentsAndEndsWithItsPeriod) {
  Open(3);
  journal::PlanRecord plan;
  plan.budget = "lifecycle";
  plan.rule_set = shop.engine->world()->rules->hash;
  plan.start_us = kStartUs;
  plan.end_us = kStartUs + 31 * kMicrosPerDay;
  plan.nodes = {{"lifecycle", -1, 3'000'000},
                {"lifecycle/everybody", 0, 1'000'000},
                {"lifecycle/unplanned", 0, 2'000'000},
                {"lifecycle/everybody/thanks", 1, 1'000'000},
                {"lifecycle/unplanned/thanks", 2, 2'000'000}};
  plan.segment_of = std::string(1, '\0');  // c1 in everybody; c2 came later
  std::promise<absl::StatusOr<uint64_t>> done;
  shop.engine->ActivatePlan(plan, [&](auto result) { done.set_value(result); });
  const auto activated = done.get_future().get();
  ASSERT_TRUE(activated.ok()) << activated.status();
  EXPECT_EQ(shop.Decide("c1")->record.selections[0].budget_node, "lifecycle/everybody/thanks");
  EXPECT_EQ(shop.Decide("c2")->record.selections[0].budget_node, "lifecycle/unplanned/thanks");
  EXPECT_EQ(shop.Decide("c2")->record.plan, PlanId(*activated));
  shop.clock.Set(plan.end_us);
  EXPECT_EQ(shop.Decide("c2")->record.plan, "");
  EXPECT_EQ(shop.engine->GetPlan()->record.id, PlanId(*activated));
}

}  // namespace
}  // namespace tenure::engine
