#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/journal/sqlite/sqlite_journal.h"
#include "tests/engine/journal_behind.h"
#include "tests/engine/shop.h"

namespace tenure::engine {
namespace {

using absl::StatusCode;

// A real journal whose appends fail when told.
class FailingJournal final : public JournalBehind {
 public:
  FailingJournal(std::unique_ptr<journal::Journal> real, std::atomic<int>* fail_at,
                 absl::Status error)
      : JournalBehind(std::move(real)), fail_at_(fail_at), error_(std::move(error)) {}
  absl::Status Append(absl::Span<const journal::Entry> entries) override {
    return fail_at_->fetch_sub(1) == 1 ? error_ : JournalBehind::Append(entries);
  }

 private:
  std::atomic<int>* const fail_at_;
  const absl::Status error_;
};

// A real journal behind a disk that is full while told.
class FullJournal final : public JournalBehind {
 public:
  FullJournal(std::unique_ptr<journal::Journal> real, std::atomic<int>* full,
              std::atomic<int>* failures)
      : JournalBehind(std::move(real)), full_(full), failures_(failures) {}
  absl::Status Append(absl::Span<const journal::Entry> entries) override {
    if (full_->load() == 0) return JournalBehind::Append(entries);
    ++*failures_;
    return absl::ResourceExhaustedError("disk full");
  }

 private:
  std::atomic<int>* const full_;
  std::atomic<int>* const failures_;
};

void OpenFailing(Shop* shop, std::atomic<int>* fail_at, absl::Status error) {
  auto journal = journal::SqliteJournal::Open({.dir = shop->dir});
  ASSERT_TRUE(journal.ok());
  shop->Open(shop->options(),
             std::make_unique<FailingJournal>(*std::move(journal), fail_at, std::move(error)));
}

// The same requests on a shop; each answer must be OK or UNAVAILABLE, and a refused one is asked
// again.
void Ask(Shop* shop) {
  const auto again = [](auto ask) {
    auto result = ask();
    if (result.ok()) return result;
    EXPECT_EQ(result.status().code(), StatusCode::kUnavailable) << result.status();
    return ask();
  };
  again([&] { return shop->Publish(ShopRules(2)); }).status().IgnoreError();
  again([&] {
    return shop->Ingest({Purchase("c1", "e1"), Purchase("c2", "e2")});
  })
      .status()
      .IgnoreError();
  const auto decision = again([&] { return shop->Decide("c1", "r1"); });
  again([&] { return shop->CommitHold(HoldOf(decision), 7, "r2"); }).status().IgnoreError();
  again([&] { return shop->Activate(ShopModel()); }).status().IgnoreError();
  const std::string rules = shop->engine->world()->rules->hash;
  again([&] { return shop->Activate(ShopPlan(2'000'000, rules, ShopModel().hash)); })
      .status()
      .IgnoreError();
  EXPECT_NE(HoldOf(again([&] { return shop->Decide("c1", "r4"); })), 0u);
  journal::EventRecord refund = Purchase("c1", "e5");
  refund.type = journal::EventType::kRefund;
  journal::EventRecord attributes = Purchase("c2", "e6", kStartUs, 0);
  attributes.type = journal::EventType::kAttributes;
  attributes.attributes = {{"region", std::string("West")}, {"age", int64_t{41}}};
  again([&] {
    return shop->Ingest(
        {EmailConsent("c1", "e4", journal::ConsentState::kRevoked), refund, attributes});
  })
      .status()
      .IgnoreError();
  again([&] { return shop->Ingest({Purchase("c3", "e3")}); }).status().IgnoreError();
  again([&] { return shop->Decide("c3", "r3"); }).status().IgnoreError();
  again([&] { return shop->Tick(); }).status().IgnoreError();
}

TEST(FailedCommit, AtAnyAppend_IsUndoneAndTheRepeatGivesTheSameState) {
  Shop calm;
  std::atomic<int> never{1'000};
  OpenFailing(&calm, &never, absl::OkStatus());
  Ask(&calm);
  const int appends = 1'000 - never;
  calm.Close();
  const std::string expected = calm.SnapshotBytes();
  ASSERT_FALSE(expected.empty());
  for (int k = 1; k <= appends; ++k) {
    Shop shop;
    std::atomic<int> fail_at{k};
    OpenFailing(&shop, &fail_at, absl::ResourceExhaustedError("disk full"));
    Ask(&shop);
    EXPECT_TRUE(shop.engine->health().writes_ok);
    shop.Close();
    EXPECT_EQ(shop.SnapshotBytes(), expected) << "failed append " << k;
  }
}

TEST(FailedCommit, OfARevocation_LeavesItsHoldsHeld) {
  Shop shop;
  std::atomic<int> fail_at{1'000};
  OpenFailing(&shop, &fail_at, absl::ResourceExhaustedError("disk full"));
  ASSERT_TRUE(shop.Publish(ShopRules(2)).ok());
  ASSERT_TRUE(shop.Ingest({Purchase("c1", "e1")}).ok());
  const uint64_t hold = HoldOf(shop.Decide("c1"));
  const auto revoked = EmailConsent("c1", "no", journal::ConsentState::kRevoked);
  fail_at = 1;
  EXPECT_EQ(shop.Ingest({revoked}).status().code(), StatusCode::kUnavailable);
  EXPECT_EQ(shop.GetHold(hold)->state, "HELD");
  EXPECT_EQ(shop.Balance().held_micros, 1'000'000);
  EXPECT_EQ(shop.engine->population().Get(1)->contacts.size(), 1u);
  ASSERT_TRUE(shop.Ingest({revoked}).ok());
  EXPECT_EQ(shop.GetHold(hold)->state, "RELEASED");
  EXPECT_TRUE(shop.Verify().ok()) << shop.Verify().status();
}

TEST(FailedCommit, ThatMayPass_IsSaidByHealthUntilAWriteSucceeds) {
  Shop shop;
  std::atomic<int> fail_at{1};
  OpenFailing(&shop, &fail_at, absl::ResourceExhaustedError("disk full"));
  EXPECT_EQ(shop.Ingest({Purchase("c1", "e1")}).status().code(), StatusCode::kUnavailable);
  EXPECT_FALSE(shop.engine->health().writes_ok);
  EXPECT_THAT(shop.engine->health().why, testing::HasSubstr("disk full"));
  EXPECT_EQ(shop.engine->population().size(), 0u);
  EXPECT_TRUE(shop.Ingest({Purchase("c1", "e1")}).ok());
  EXPECT_TRUE(shop.engine->health().writes_ok);
}

TEST(FailedCommit, ThatHasPassed_IsNoticedWithoutTraffic) {
  Shop shop;
  std::atomic<int> fail_at{2};
  OpenFailing(&shop, &fail_at, absl::ResourceExhaustedError("disk full"));
  ASSERT_TRUE(shop.Ingest({Purchase("c1", "e1")}).ok());
  EXPECT_EQ(shop.Ingest({Purchase("c2", "e2")}).status().code(), StatusCode::kUnavailable);
  EXPECT_FALSE(shop.engine->health().writes_ok);
  for (int i = 0; i < 300 && !shop.engine->health().writes_ok; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_TRUE(shop.engine->health().writes_ok);
}

TEST(FailedCommit, OfADueTick_IsTriedMoreAndMoreRarelyAndLoggedOnce) {
  Shop shop;
  std::atomic<int> full{0};
  std::atomic<int> failures{0};
  auto journal = journal::SqliteJournal::Open({.dir = shop.dir});
  ASSERT_TRUE(journal.ok());
  Options options = shop.options();
  std::vector<std::string> logged;  // the sequencer's; read after it has ended
  options.log = [&](Severity, absl::string_view line) { logged.emplace_back(line); };
  shop.Open(std::move(options),
            std::make_unique<FullJournal>(*std::move(journal), &full, &failures));
  ASSERT_TRUE(shop.Ingest({Purchase("c1", "e1")}).ok());
  full = 1;
  shop.clock.Advance(2 * kMicrosPerHour);
  while (failures == 0) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(1'500));
  EXPECT_LE(failures, 3);
  full = 0;
  EXPECT_TRUE(shop.Ingest({Purchase("c1", "e2")}).ok());
  shop.Close();
  EXPECT_EQ(
      std::count_if(logged.begin(), logged.end(),
                    [](const std::string& line) { return absl::StrContains(line, "undone"); }),
      2);
}

TEST(FailedCommit, ThatMayNotPass_StopsWritesUntilOpenedAgain) {
  Shop shop;
  std::atomic<int> fail_at{3};
  OpenFailing(&shop, &fail_at, absl::DataLossError("the disk fails"));
  ASSERT_TRUE(shop.Publish(ShopRules(2)).ok());
  ASSERT_TRUE(shop.Ingest({Purchase("c1", "e1")}).ok());
  EXPECT_EQ(shop.Ingest({Purchase("c2", "e2")}).status().code(), StatusCode::kUnavailable);
  EXPECT_EQ(shop.Ingest({Purchase("c2", "e2")}).status().code(), StatusCode::kUnavailable);
  EXPECT_EQ(shop.Decide("c1").status().code(), StatusCode::kUnavailable);
  EXPECT_TRUE(shop.Decide("c1", "", "d", /*dry_run=*/true).ok());
  EXPECT_FALSE(shop.engine->health().writes_ok);
  shop.Close();
  shop.Open();
  EXPECT_TRUE(shop.Ingest({Purchase("c2", "e2")}).ok());
  EXPECT_TRUE(shop.engine->health().writes_ok);
}

TEST(FullQueue, AnswersResourceExhaustedAndLosesNothingElse) {
  Shop shop;
  Options options = shop.options();
  options.limits.queue_depth = 4;
  shop.Open(options);
  std::atomic<int> ok{0}, refused{0}, other{0};
  constexpr int kAsked = 2'000;
  for (int i = 0; i < kAsked; ++i) {
    shop.engine->Ingest({Purchase("c", absl::StrCat("e", i))},
                        [&](absl::StatusOr<IngestResult> result) {
                          if (result.ok()) {
                            ++ok;
                          } else if (result.status().code() == StatusCode::kResourceExhausted) {
                            ++refused;
                          } else {
                            ++other;
                          }
                        });
  }
  shop.Close();
  EXPECT_EQ(other, 0);
  EXPECT_GT(refused, 0);
  EXPECT_EQ(ok + refused, kAsked);
  shop.Open();
  EXPECT_EQ(shop.engine->health().last_seq, static_cast<uint64_t>(ok));
}

}  // namespace
}  // namespace tenure::engine
