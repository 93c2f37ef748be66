#include "server/budget/ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/base/random.h"
#include "server/budget/checker.h"

namespace tenure::budget {
namespace {

using testing::HasSubstr;
constexpr int64_t kEnd = 1'000'000;

std::vector<NodeSpec> Tree(int64_t all, int64_t a, int64_t b) {
  return {{"all", kNoNode, all}, {"all/a", 0, a}, {"all/b", 0, b}, {"all/a/x", 1, a}};
}

class LedgerTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(ledger_.OpenPeriod("all", 0, kEnd, Tree(100, 70, 60)).ok());
    a_ = *ledger_.FindNode("all", "all/a", 0);
    b_ = *ledger_.FindNode("all", "all/b", 0);
    x_ = *ledger_.FindNode("all", "all/a/x", 0);
    root_ = *ledger_.FindNode("all", "all", 0);
  }
  Ledger ledger_;
  NodeId a_, b_, x_, root_;
};

TEST_F(LedgerTest, Place_AtTheLimitAndOneOver_HoldsAllOrNothing) {
  EXPECT_TRUE(ledger_.Place(1, x_, 70, 0, 10).ok());
  EXPECT_EQ(ledger_.balance(root_).held, 70);
  EXPECT_EQ(ledger_.FirstFull(b_, 31), root_);
  const absl::Status refused = ledger_.Place(2, b_, 31, 0, 10);
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("'all'"));
  EXPECT_EQ(ledger_.balance(b_).held, 0);
  EXPECT_TRUE(ledger_.Place(2, b_, 30, 0, 10).ok());
  EXPECT_EQ(ledger_.balance(root_).available(), 0);
  EXPECT_TRUE(ledger_.Verify().ok());
}

TEST_F(LedgerTest, Place_Repeated_HoldsOnce) {
  EXPECT_TRUE(ledger_.Place(1, a_, 5, 0, 10).ok());
  EXPECT_TRUE(ledger_.Place(1, a_, 5, 0, 10).ok());
  EXPECT_EQ(ledger_.balance(a_).held, 5);
  EXPECT_EQ(ledger_.Place(1, a_, 6, 0, 10).code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(LedgerTest, Place_HugeAmount_DoesNotOverflow) {
  ASSERT_TRUE(ledger_.OpenPeriod("free", 0, kEnd, {{"free", kNoNode, kUnlimited}}).ok());
  const NodeId free = *ledger_.FindNode("free", "free", 0);
  EXPECT_TRUE(ledger_.Place(1, free, kUnlimited - 1, 0, 10).ok());
  EXPECT_EQ(ledger_.Place(2, free, 2, 0, 10).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(ledger_.Place(3, free, 1, 0, 10).ok());
  EXPECT_TRUE(ledger_.Verify().ok());
}

TEST_F(LedgerTest, Commit_LessThanHeld_FreesTheRest) {
  ASSERT_TRUE(ledger_.Place(1, x_, 50, 0, 10).ok());
  EXPECT_EQ(ledger_.Commit(1, 51, 5).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(ledger_.Commit(1, 20, 5).ok());
  EXPECT_TRUE(ledger_.Commit(1, 20, 50).ok());
  EXPECT_EQ(ledger_.Commit(1, 21, 5).code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ledger_.Release(1, 5).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ledger_.balance(a_).held, 0);
  EXPECT_EQ(ledger_.balance(a_).committed, 20);
  EXPECT_FALSE(ledger_.next_expiry_us().has_value());
}

TEST_F(LedgerTest, CommitAgainstExpiry_ExactlyOneWins) {
  ASSERT_TRUE(ledger_.Place(1, a_, 5, 0, 10).ok());
  ASSERT_TRUE(ledger_.Place(2, a_, 5, 0, 10).ok());
  EXPECT_TRUE(ledger_.Commit(1, 5, 9).ok());
  EXPECT_EQ(ledger_.Commit(2, 5, 10).code(), absl::StatusCode::kFailedPrecondition);
  const auto expired = ledger_.ExpireUntil(10);
  ASSERT_EQ(expired.size(), 1u);
  EXPECT_EQ(expired[0].hold_id, 2u);
  EXPECT_EQ(ledger_.Commit(2, 5, 9).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ledger_.balance(root_).committed, 5);
  EXPECT_EQ(ledger_.balance(root_).held, 0);
}

TEST_F(LedgerTest, Refund_NeverMoreThanCommitted) {
  ASSERT_TRUE(ledger_.Place(1, x_, 50, 0, 10).ok());
  EXPECT_EQ(ledger_.Refund(1, 1, 5).code(), absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(ledger_.Commit(1, 40, 5).ok());
  EXPECT_TRUE(ledger_.Refund(1, 30, kEnd + 5).ok());
  EXPECT_EQ(ledger_.Refund(1, 11, 6).code(), absl::StatusCode::kOutOfRange);
  EXPECT_TRUE(ledger_.Refund(1, 10, 6).ok());
  EXPECT_EQ(ledger_.FindHold(1)->state, HoldState::kRefunded);
  EXPECT_EQ(ledger_.balance(root_).committed, 0);
  EXPECT_EQ(ledger_.balance(root_).refunded, 40);
}

TEST_F(LedgerTest, LimitLoweredBelowUse_IsOvercommittedAndBlocks) {
  ASSERT_TRUE(ledger_.Place(1, x_, 50, 0, 10).ok());
  ASSERT_TRUE(ledger_.OpenPeriod("all", 0, kEnd, Tree(100, 30, 60)).ok());
  EXPECT_EQ(ledger_.balance(a_).overcommitted(), 20);
  EXPECT_EQ(ledger_.FirstFull(a_, 0), a_);
  EXPECT_TRUE(ledger_.Fits(b_, 50));
  ASSERT_TRUE(ledger_.Commit(1, 10, 5).ok());
  EXPECT_EQ(ledger_.balance(a_).overcommitted(), 0);
  EXPECT_TRUE(ledger_.Fits(a_, 20));
}

TEST_F(LedgerTest, NextPeriod_HasItsOwnEnvelopes) {
  ASSERT_TRUE(ledger_.OpenPeriod("all", kEnd, 2 * kEnd, Tree(10, 10, 10)).ok());
  const NodeId next = *ledger_.FindNode("all", "all/a", kEnd);
  EXPECT_NE(next, a_);
  EXPECT_EQ(ledger_.Place(1, a_, 5, kEnd, kEnd + 1).code(), absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(ledger_.Place(1, a_, 70, kEnd - 1, kEnd + 10).ok());
  EXPECT_TRUE(ledger_.Place(2, next, 10, kEnd, kEnd + 1).ok());
  EXPECT_TRUE(ledger_.Commit(1, 70, kEnd + 5).ok());
  EXPECT_EQ(ledger_.balance(a_).committed, 70);
  EXPECT_FALSE(ledger_.FindNode("all", "all/a", 2 * kEnd).has_value());
}

TEST_F(LedgerTest, OpenPeriod_Malformed_ChangesNothing) {
  const std::string before = ledger_.Serialize();
  EXPECT_FALSE(ledger_.OpenPeriod("all", 5, kEnd + 5, Tree(1, 1, 1)).ok());
  EXPECT_FALSE(ledger_.OpenPeriod("all", 0, kEnd + 5, Tree(1, 1, 1)).ok());
  EXPECT_FALSE(ledger_.OpenPeriod("all", -5, 1, Tree(1, 1, 1)).ok());
  EXPECT_FALSE(ledger_.OpenPeriod("b", 5, 5, Tree(1, 1, 1)).ok());
  EXPECT_FALSE(ledger_.OpenPeriod("b", 0, 5, {}).ok());
  EXPECT_FALSE(ledger_.OpenPeriod("b", 0, 5, {{"b", kNoNode, -1}}).ok());
  EXPECT_FALSE(ledger_.OpenPeriod("b", 0, 5, {{"b", kNoNode, 1}, {"b", 0, 1}}).ok());
  EXPECT_FALSE(ledger_.OpenPeriod("b", 0, 5, {{"b", kNoNode, 1}, {"c", 1, 1}}).ok());
  EXPECT_FALSE(ledger_.OpenPeriod("all", 0, kEnd, {{"all", kNoNode, 1}, {"all/a/x", 0, 1}}).ok());
  EXPECT_EQ(ledger_.Serialize(), before);
}

TEST_F(LedgerTest, Rollback_UndoesEverythingSinceTheCheckpoint) {
  ASSERT_TRUE(ledger_.Place(1, x_, 10, 0, 10).ok());
  ASSERT_TRUE(ledger_.Place(2, b_, 10, 0, 10).ok());
  const std::string before = ledger_.Serialize();
  ledger_.Checkpoint();
  ASSERT_TRUE(ledger_.Place(3, x_, 10, 0, 10).ok());
  ASSERT_TRUE(ledger_.Commit(1, 7, 1).ok());
  ASSERT_TRUE(ledger_.Refund(1, 7, 1).ok());
  ASSERT_TRUE(ledger_.OpenPeriod("all", 0, kEnd, Tree(5, 6, 7)).ok());
  ASSERT_TRUE(ledger_.OpenPeriod("other", 0, kEnd, Tree(5, 6, 7)).ok());
  EXPECT_EQ(ledger_.ExpireUntil(10).size(), 2u);
  ledger_.Rollback();
  EXPECT_EQ(ledger_.Serialize(), before);
  EXPECT_TRUE(ledger_.Verify().ok());
  EXPECT_EQ(ledger_.next_expiry_us(), 10);
  EXPECT_EQ(ledger_.ExpireUntil(10).size(), 2u);
}

TEST_F(LedgerTest, RollbackTo_UndoesWhatCameSinceTheMarkOnly) {
  const std::string before = ledger_.Serialize();
  ledger_.Checkpoint();
  ASSERT_TRUE(ledger_.Place(1, x_, 10, 0, 10).ok());
  const std::string between = ledger_.Serialize();
  const size_t mark = ledger_.Mark();
  ASSERT_TRUE(ledger_.Place(2, b_, 10, 0, 10).ok());
  ledger_.RollbackTo(mark);
  EXPECT_EQ(ledger_.Serialize(), between);
  ASSERT_TRUE(ledger_.Place(3, b_, 10, 0, 10).ok());
  ledger_.Rollback();
  EXPECT_EQ(ledger_.Serialize(), before);
}

TEST_F(LedgerTest, DropSettled_ForgetsEndedHoldsOfPeriodsThatAreOverAndKeepsTheSums) {
  ASSERT_TRUE(ledger_.Place(1, x_, 10, 0, 10).ok());
  ASSERT_TRUE(ledger_.Place(2, x_, 10, 0, 10).ok());
  ASSERT_TRUE(ledger_.Place(3, b_, 10, 0, 2 * kEnd).ok());
  ASSERT_TRUE(ledger_.Place(4, b_, 10, 0, 2 * kEnd).ok());
  ASSERT_TRUE(ledger_.Commit(1, 7, 1).ok());
  ASSERT_TRUE(ledger_.Refund(1, 2, 1).ok());
  ASSERT_TRUE(ledger_.Release(2, 1).ok());
  ASSERT_TRUE(ledger_.Commit(4, 3, 1).ok());
  const auto balances = [&] {
    std::vector<int64_t> all;
    for (NodeId node = 0; node < ledger_.node_count(); ++node) {
      const Balance& balance = ledger_.balance(node);
      all.insert(all.end(), {balance.held, balance.committed, balance.refunded});
    }
    return all;
  };
  const std::vector<int64_t> before = balances();
  EXPECT_EQ(ledger_.DropSettled(kEnd), 0u);  // the period ends there
  const std::string bytes = ledger_.Serialize();
  ledger_.Checkpoint();
  EXPECT_EQ(ledger_.DropSettled(kEnd + 1), 2u);
  EXPECT_EQ(ledger_.FindHold(1), nullptr);
  EXPECT_EQ(ledger_.FindHold(2), nullptr);
  EXPECT_NE(ledger_.FindHold(3), nullptr);
  EXPECT_NE(ledger_.FindHold(4), nullptr);  // a repeat of its commit may still come
  EXPECT_EQ(balances(), before);
  EXPECT_TRUE(ledger_.Verify().ok());
  const auto again = Ledger::Deserialize(ledger_.Serialize());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->Serialize(), ledger_.Serialize());
  EXPECT_EQ(again->balance(root_).committed, ledger_.balance(root_).committed);
  EXPECT_TRUE(again->Verify().ok());
  ledger_.Rollback();
  EXPECT_EQ(ledger_.Serialize(), bytes);
  EXPECT_TRUE(ledger_.Verify().ok());
}

TEST_F(LedgerTest, Deserialize_AlteredOrCut_IsRefused) {
  ASSERT_TRUE(ledger_.Place(1, x_, 10, 0, 10).ok());
  const std::string bytes = ledger_.Serialize();
  ASSERT_TRUE(Ledger::Deserialize(bytes).ok());
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string altered = bytes;
    altered[i] = static_cast<char>(altered[i] ^ 1);
    EXPECT_FALSE(Ledger::Deserialize(altered).ok()) << "byte " << i;
    EXPECT_FALSE(Ledger::Deserialize(bytes.substr(0, i)).ok()) << "cut at " << i;
  }
}

Movement Plain(Movement::Kind kind, uint64_t id, int64_t micros) {
  return {kind, "", "", id, micros};
}

// Random operations: the checker, which shares no code, agrees with every accepted one; rollbacks
// and snapshots in between change nothing.
void RunRandomHistory(uint64_t seed) {
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  Random random(seed);
  Ledger ledger;
  Checker checker;
  const std::vector<NodeSpec> tree = {{"r", kNoNode, 200}, {"a", 0, 90},  {"b", 0, 150},
                                      {"ax", 1, 60},       {"ay", 1, 60}, {"bx", 2, 200}};
  ASSERT_TRUE(ledger.OpenPeriod("r", 0, kEnd, tree).ok());
  for (const NodeSpec& spec : tree) {
    const std::string up = spec.parent == kNoNode ? "" : tree[static_cast<size_t>(spec.parent)].id;
    ASSERT_TRUE(checker.Next({Movement::Kind::kOpen, spec.id, up, 0, spec.limit_micros}).ok());
  }
  for (int64_t at = 1; at < 400; ++at) {
    const uint64_t id = 1 + random.Below(60);
    const auto micros = static_cast<int64_t>(random.Below(40));
    const auto node = static_cast<NodeId>(random.Below(tree.size()));
    const bool undo = random.Below(4) == 0;
    const std::string before = undo ? ledger.Serialize() : "";
    if (undo) ledger.Checkpoint();
    std::vector<Movement> moved;
    const bool known = ledger.FindHold(id) != nullptr;
    const HoldState state = known ? ledger.FindHold(id)->state : HoldState::kHeld;
    const bool held = known && state == HoldState::kHeld;
    switch (random.Below(6)) {
      case 0:
      case 1:
        if (ledger.Place(id, node, micros, at, at + 1 + micros).ok() && !known) {
          moved.push_back({Movement::Kind::kHold, ledger.node_id(node), "", id, micros});
        }
        break;
      case 2:
        if (ledger.Commit(id, micros, at).ok() && held) {
          moved.push_back(Plain(Movement::Kind::kCommit, id, micros));
        }
        break;
      case 3:
        if (ledger.Release(id, at).ok() && held) {
          moved.push_back(Plain(Movement::Kind::kRelease, id, 0));
        }
        break;
      case 4:
        if (ledger.Refund(id, micros, at).ok()) {
          moved.push_back(Plain(Movement::Kind::kRefund, id, micros));
        }
        break;
      case 5:
        for (const ExpiredHold& due : ledger.ExpireUntil(at)) {
          moved.push_back(Plain(Movement::Kind::kExpire, due.hold_id, 0));
        }
        break;
    }
    ASSERT_TRUE(ledger.Verify().ok());
    if (undo) {
      ledger.Rollback();
      ASSERT_EQ(ledger.Serialize(), before);
    } else {
      for (const Movement& movement : moved) {
        const absl::Status agreed = checker.Next(movement);
        ASSERT_TRUE(agreed.ok()) << agreed;
      }
    }
    if (at % 50 == 0) {
      auto again = Ledger::Deserialize(ledger.Serialize());
      ASSERT_TRUE(again.ok()) << again.status();
      ASSERT_EQ(again->Serialize(), ledger.Serialize());
      ASSERT_EQ(again->next_expiry_us(), ledger.next_expiry_us());
      ledger = *std::move(again);
    }
  }
  EXPECT_GT(checker.movements(), 50);
}

TEST(LedgerProperty, RandomHistories_AgreeWithTheChecker) {
  for (uint64_t seed = 1; seed <= 200 && !testing::Test::HasFatalFailure(); ++seed) {
    RunRandomHistory(seed);
  }
}

}  // namespace
}  // namespace tenure::budget
