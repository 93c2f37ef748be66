// What one slow thing must not hold up.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/mutex.h"
#include "server/engine/ledger_audit.h"
#include "server/journal/sqlite/sqlite_journal.h"
#include "tests/engine/journal_behind.h"
#include "tests/engine/shop.h"

namespace tenure::engine {
namespace {

// Lets pass, or not until it is opened again.
class Gate {
 public:
  void Close() { Set(false); }
  void Open() { Set(true); }
  void Pass() {
    MutexLock lock(&mutex_);
    ++asked_;
    while (!open_) changed_.Wait(&mutex_);
  }
  int asked() {
    MutexLock lock(&mutex_);
    return asked_;
  }

 private:
  void Set(bool open) {
    MutexLock lock(&mutex_);
    open_ = open;
    changed_.NotifyAll();
  }
  Mutex mutex_;
  CondVar changed_;
  bool open_ TENURE_GUARDED_BY(mutex_) = true;
  int asked_ TENURE_GUARDED_BY(mutex_) = 0;
};

// A real journal that is as slow as its gates want.
class SlowJournal final : public JournalBehind {
 public:
  SlowJournal(std::unique_ptr<journal::Journal> real, Gate* append, Gate* scan)
      : JournalBehind(std::move(real)), append_(append), scan_(scan) {}
  absl::Status Append(absl::Span<const journal::Entry> entries) override {
    append_->Pass();
    return JournalBehind::Append(entries);
  }
  absl::Status Scan(uint64_t from_seq, const Visit& visit) const override {
    scan_->Pass();
    return JournalBehind::Scan(from_seq, visit);
  }

 private:
  Gate* const append_;
  Gate* const scan_;
};

class StallTest : public testing::Test {
 protected:
  void Open(const Options& options) {
    auto journal = journal::SqliteJournal::Open({.dir = shop.dir});
    ASSERT_TRUE(journal.ok());
    shop.Open(options, std::make_unique<SlowJournal>(*std::move(journal), &append, &scan));
    ASSERT_TRUE(shop.Publish(ShopRules(100)).ok());
    ASSERT_TRUE(shop.Ingest({Purchase("c1", "e1")}).ok());
  }
  Gate append, scan;
  Shop shop;
};

TEST_F(StallTest, AuditsThatTakeForEver_LeaveDecisionsAlone) {
  Open(shop.options());
  scan.Close();
  std::vector<std::future<absl::StatusOr<std::string>>> audits;
  for (int i = 0; i < 4; ++i) {
    auto done = std::make_shared<std::promise<absl::StatusOr<std::string>>>();
    audits.push_back(done->get_future());
    shop.engine->VerifyLedger([done](auto result) { done->set_value(std::move(result)); });
  }
  std::promise<absl::StatusOr<Decision>> done;
  auto decision = done.get_future();
  shop.engine->Decide({{"test", "r", "d"}, "c1", false},
                      [&](auto result) { done.set_value(std::move(result)); });
  const bool decided = decision.wait_for(std::chrono::seconds(20)) == std::future_status::ready;
  scan.Open();
  EXPECT_TRUE(decided);
  EXPECT_TRUE(decision.get().ok());
  for (auto& audit : audits) EXPECT_TRUE(audit.get().ok());
}

TEST_F(StallTest, AuditsThatWaitAtTheEnd_AreAllAnswered) {
  Open(shop.options());
  scan.Close();
  const int before = scan.asked();
  std::atomic<int> answered{0};
  for (int i = 0; i < 4; ++i) shop.engine->VerifyLedger([&](auto) { ++answered; });
  while (scan.asked() == before) std::this_thread::yield();
  std::thread closing([&] { shop.Close(); });
  scan.Open();
  closing.join();
  EXPECT_EQ(answered, 4);
}

TEST_F(StallTest, AuditThatIsStopped_IsUnavailable) {
  Open(shop.options());
  shop.Close();
  const auto journal = journal::SqliteJournal::Open({.dir = shop.dir});
  ASSERT_TRUE(journal.ok());
  std::atomic<bool> stop{false};
  EXPECT_TRUE(AuditLedger(**journal, 2, stop).ok());
  stop = true;
  EXPECT_EQ(AuditLedger(**journal, 2, stop).status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(StallTest, SlowDisk_RowsCountUntilTheyAreAnswered) {
  Options options = shop.options();
  options.limits.queue_depth = 8;
  Open(options);
  append.Close();
  std::atomic<int> accepted{0}, refused{0};
  constexpr int kAsked = 60;
  for (int i = 0; i < kAsked; ++i) {
    shop.engine->Decide({{"test", absl::StrCat("r", i), "d"}, "c1", false},
                        [&](auto result) { ++(result.ok() ? accepted : refused); });
    std::this_thread::sleep_for(std::chrono::milliseconds(2));  // time to evaluate it
  }
  EXPECT_EQ(refused, kAsked - 8);
  append.Open();
  shop.Tick().status().IgnoreError();
  shop.Close();
  EXPECT_EQ(accepted, 8);
}

}  // namespace
}  // namespace tenure::engine
