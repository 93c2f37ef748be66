#include "server/engine/fold.h"

#include <gtest/gtest.h>

#include "tests/engine/shop.h"

namespace tenure::engine {
namespace {

using absl::StatusCode;

class FoldTest : public testing::Test {
 protected:
  FoldTest() : fold_(&population_, Limits()) {
    const auto rules = ShopRules(100);
    journal::Entry entry = Next(journal::Kind::kRuleSet);
    EXPECT_TRUE(fold_.Apply(entry, journal::RuleSetRecord{}, rules).ok());
    journal::BudgetPeriodRecord period;
    period.budget = "lifecycle";
    period.start_us = kStartUs;
    period.end_us = kStartUs + 31 * kMicrosPerDay;
    period.nodes = {{"lifecycle", -1, 100'000'000}};
    entry = Next(journal::Kind::kBudgetPeriod);
    EXPECT_TRUE(fold_.Apply(entry, period).ok());
    entry = Next(journal::Kind::kEvent);
    entry.customer = fold_.FindOrAdd("c1");
    EXPECT_TRUE(fold_.Apply(entry, Purchase("c1", "e1"), 1).ok());
    fold_.Publish();
  }

  journal::Entry Next(journal::Kind kind, uint32_t customer = 0) const {
    journal::Entry entry;
    entry.seq = fold_.last_seq() + 1;
    entry.kind = kind;
    entry.customer = customer;
    entry.at_us = kStartUs;
    return entry;
  }

  static journal::DecisionRecord Holding(const std::vector<uint64_t>& holds) {
    journal::DecisionRecord decision;
    decision.request_id = "r1";
    for (const uint64_t hold : holds) {
      decision.candidates.emplace_back();
      journal::SelectionRecord selection;
      selection.candidate = static_cast<int32_t>(decision.candidates.size() - 1);
      selection.hold_id = hold;
      selection.held_micros = 1'000'000;
      selection.expires_us = kStartUs + kMicrosPerHour;
      selection.budget_node = "lifecycle";
      decision.selections.push_back(selection);
    }
    return decision;
  }

  customers::Population population_;
  Fold fold_;
};

TEST_F(FoldTest, SecondHoldOfAnId_IsRefused) {
  const journal::Entry first = Next(journal::Kind::kDecision, 1);
  ASSERT_TRUE(fold_.Apply(first, Holding({77})).ok());
  const journal::Entry second = Next(journal::Kind::kDecision, 1);
  EXPECT_EQ(fold_.Apply(second, Holding({77})).code(), StatusCode::kAlreadyExists);
}

TEST_F(FoldTest, RefusedDecision_HasChangedNothing) {
  fold_.Begin();
  const journal::Entry first = Next(journal::Kind::kDecision, 1);
  ASSERT_TRUE(fold_.Apply(first, Holding({HoldId(first.seq, 0)})).ok());
  fold_.Publish();
  const std::string before = fold_.Save();
  fold_.Begin();
  const journal::Entry second = Next(journal::Kind::kDecision, 1);
  // The second of its holds can't be placed.
  const uint64_t fresh = HoldId(second.seq, 0);
  EXPECT_FALSE(fold_.Apply(second, Holding({fresh, HoldId(first.seq, 0)})).ok());
  EXPECT_EQ(fold_.ledger().FindHold(fresh), nullptr);
  EXPECT_EQ(fold_.last_seq(), first.seq);
  fold_.Publish();
  EXPECT_EQ(fold_.Save(), before);
}

TEST(HoldIdDeathTest, SeventeenthPlacement_StopsTheProcess) {
  EXPECT_EQ(HoldId(3, 15), 63u);
  EXPECT_EQ(DecisionOfHold(63), 3u);
  EXPECT_DEATH(HoldId(3, 16), "broken invariant");
}

}  // namespace
}  // namespace tenure::engine
