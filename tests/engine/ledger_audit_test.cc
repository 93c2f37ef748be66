// What is counted in memory against what the journal says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <utility>

#include "server/engine/fold.h"
#include "server/journal/sqlite/sqlite_journal.h"
#include "tests/engine/journal_behind.h"
#include "tests/engine/shop.h"

namespace tenure::engine {
namespace {

using absl::StatusCode;
using testing::HasSubstr;

// A real journal that shows no settled holds where told: memory has then lost what was held.
class ForgetfulJournal final : public JournalBehind {
 public:
  ForgetfulJournal(std::unique_ptr<journal::Journal> real, const std::atomic<bool>* forget)
      : JournalBehind(std::move(real)), forget_(forget) {}
  absl::Status Scan(uint64_t from_seq, const Visit& visit) const override {
    return JournalBehind::Scan(from_seq, [&](const journal::Entry& entry) {
      return *forget_ && entry.kind == journal::Kind::kHold ? absl::OkStatus() : visit(entry);
    });
  }

 private:
  const std::atomic<bool>* const forget_;
};

TEST(LedgerAudit, MemoryThatDisagreesWithTheJournal_IsDataLossNamingTheEnvelope) {
  Shop shop;
  std::atomic<bool> forget{false};
  auto journal = journal::SqliteJournal::Open({.dir = shop.dir});
  ASSERT_TRUE(journal.ok());
  shop.Open(shop.options(), std::make_unique<ForgetfulJournal>(*std::move(journal), &forget));
  ASSERT_TRUE(shop.Publish(ShopRules(10)).ok());
  ASSERT_TRUE(shop.Ingest({Purchase("c1", "e1")}).ok());
  ASSERT_TRUE(shop.CommitHold(HoldOf(shop.Decide("c1")), 400'000).ok());
  ASSERT_TRUE(shop.ReleaseHold(HoldOf(shop.Decide("c1"))).ok());
  ASSERT_NE(HoldOf(shop.Decide("c1")), 0u);
  EXPECT_TRUE(shop.Verify().ok()) << shop.Verify().status();
  forget = true;
  const absl::Status lost = shop.Verify().status();
  EXPECT_EQ(lost.code(), StatusCode::kDataLoss);
  EXPECT_THAT(std::string(lost.message()), HasSubstr("'lifecycle'"));
  EXPECT_THAT(std::string(lost.message()), HasSubstr("the journal says"));
  forget = false;
  EXPECT_TRUE(shop.Verify().ok());
}

TEST(LedgerAudit, HoldsLongOver_AreForgottenAndEverythingStillAgrees) {
  Shop shop;
  shop.Open();
  ASSERT_TRUE(shop.Publish(ShopRules(10)).ok());
  ASSERT_TRUE(shop.Ingest({Purchase("c1", "e1")}).ok());
  const uint64_t committed = HoldOf(shop.Decide("c1"));
  ASSERT_TRUE(shop.CommitHold(committed, 400'000, "r1").ok());
  const uint64_t expired = HoldOf(shop.Decide("c1"));
  ASSERT_NE(expired, 0u);
  shop.clock.Advance(31 * kMicrosPerDay);
  ASSERT_TRUE(shop.Tick().ok());
  EXPECT_EQ(shop.GetHold(committed)->state, "COMMITTED");
  shop.clock.Advance((kSettledDaysKept + 1) * kMicrosPerDay);
  ASSERT_TRUE(shop.Tick().ok());
  EXPECT_EQ(shop.GetHold(committed).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(shop.GetHold(expired).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(shop.CommitHold(committed, 400'000).status().code(), StatusCode::kNotFound);
  EXPECT_TRUE(shop.Verify().ok()) << shop.Verify().status();
  shop.Close();
  const std::string bytes = shop.SnapshotBytes();
  shop.RemoveSnapshot();
  shop.Open();
  EXPECT_TRUE(shop.Verify().ok()) << shop.Verify().status();
  shop.Close();
  EXPECT_EQ(shop.SnapshotBytes(), bytes);
}

}  // namespace
}  // namespace tenure::engine
