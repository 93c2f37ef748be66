#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/hash.h"
#include "server/base/random.h"
#include "server/journal/sqlite/sqlite_journal.h"
#include "tests/engine/shop.h"

namespace tenure::engine {
namespace {

std::string Driver() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path().string() +
         "/engine_kill_driver";
}

struct Acknowledged {
  std::vector<std::string> events;
  struct Decided {
    std::string request_id;
    uint64_t seq, hold, hash;
  };
  std::vector<Decided> decisions;
  std::set<uint64_t> commits;
};

// Runs the driver, kills it `after_us` after it is ready, and reads what it acknowledged.
void RunAndKill(const std::string& dir, int run, useconds_t after_us, Acknowledged* into) {
  int out[2];
  ASSERT_EQ(pipe(out), 0);
  const std::string driver = Driver();
  const std::string number = absl::StrCat(run);
  const pid_t child = fork();
  if (child == 0) {
    dup2(out[1], STDOUT_FILENO);
    close(out[0]);
    close(out[1]);
    execl(driver.c_str(), driver.c_str(), dir.c_str(), number.c_str(), nullptr);
    _exit(127);
  }
  close(out[1]);
  std::string text;
  bool killed = false;
  char buffer[65'536];
  ssize_t count = 0;
  while ((count = read(out[0], buffer, sizeof(buffer))) > 0) {
    text.append(buffer, static_cast<size_t>(count));
    if (!killed && text.find("ready\n") != std::string::npos) {
      usleep(after_us);
      kill(child, SIGKILL);
      killed = true;
    }
  }
  close(out[0]);
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << text.substr(0, 1'000);
  std::istringstream lines(text);
  std::string kind;
  while (lines >> kind) {
    if (kind == "event") {
      lines >> into->events.emplace_back();
    } else if (kind == "decision") {
      Acknowledged::Decided decided;
      lines >> decided.request_id >> decided.seq >> decided.hold >> decided.hash;
      into->decisions.push_back(decided);
    } else if (kind == "commit") {
      uint64_t hold = 0;
      lines >> hold;
      into->commits.insert(hold);
    }
  }
}

struct Journaled {
  std::map<std::string, int> events;  // by id: how often it is there
  int corrections = 0;                // of the paced budget
};

Journaled ReadJournal(const std::string& dir) {
  Journaled journaled;
  auto journal = journal::SqliteJournal::Open({.dir = dir});
  EXPECT_TRUE(journal.ok()) << journal.status();
  const absl::Status scanned = (*journal)->Scan(1, [&](const journal::Entry& entry) {
    if (entry.kind == journal::Kind::kEvent) {
      ++journaled.events[journal::Decode<journal::EventRecord>(entry.payload)->event_id];
    }
    journaled.corrections += entry.kind == journal::Kind::kPacing ? 1 : 0;
    return absl::OkStatus();
  });
  EXPECT_TRUE(scanned.ok()) << scanned;
  return journaled;
}

TEST(Kill, AtTwentyMoments_LosesNothingAcknowledgedAndSpendsNothingTwice) {
  constexpr uint64_t kSeed = 20;
  SCOPED_TRACE(absl::StrCat("seed ", kSeed));
  Random random(kSeed);
  Shop shop;
  Acknowledged acknowledged;
  for (int run = 0; run < 20; ++run) {
    SCOPED_TRACE(absl::StrCat("run ", run));
    RunAndKill(shop.dir, run, static_cast<useconds_t>(random.Below(60'000)), &acknowledged);
    if (testing::Test::HasFatalFailure()) return;
    shop.Open();
    EXPECT_TRUE(shop.Verify().ok()) << shop.Verify().status();
    for (const Acknowledged::Decided& decided : acknowledged.decisions) {
      const auto kept = shop.engine->GetDecision(decided.seq);
      ASSERT_TRUE(kept.ok()) << kept.status();
      EXPECT_EQ(StableHash(journal::Encode(kept->record)), decided.hash);
      EXPECT_EQ(kept->record.request_id, decided.request_id);
    }
    for (const uint64_t hold : acknowledged.commits) {
      EXPECT_EQ(shop.GetHold(hold)->state, "COMMITTED");
    }
    if (!acknowledged.events.empty()) {
      EXPECT_EQ(shop.Ingest({Purchase("c0", acknowledged.events.back())})->statuses[0],
                EventStatus::kDuplicate);
    }
    if (!acknowledged.decisions.empty()) {
      // The customer is found through the record; the answer must be the recorded one.
      const Acknowledged::Decided& last = acknowledged.decisions.back();
      const std::string customer = shop.engine->GetDecision(last.seq)->record.customer_id;
      const auto again = shop.Decide(customer, last.request_id);
      ASSERT_TRUE(again.ok()) << again.status();
      EXPECT_EQ(again->seq, last.seq);
      EXPECT_EQ(StableHash(journal::Encode(again->record)), last.hash);
    }
    EXPECT_LE(shop.Balance().committed_micros + shop.Balance().held_micros,
              shop.Balance().limit_micros);
    // A tick that the kill has cut goes on; whoever folds the journal anew comes to the same.
    ASSERT_TRUE(shop.Tick().ok());
    shop.Close();
    const std::string after = shop.SnapshotBytes();
    shop.RemoveSnapshot();
    shop.Open();
    shop.Close();
    EXPECT_TRUE(shop.SnapshotBytes() == after) << "a full fold gives another state";
  }
  // One a kill at least, however slow the machine.
  EXPECT_GT(acknowledged.events.size(), 20u);
  EXPECT_GT(acknowledged.commits.size(), 20u);
  const Journaled journaled = ReadJournal(shop.dir);
  EXPECT_GT(journaled.corrections, 20);
  for (const auto& [id, times] : journaled.events) EXPECT_EQ(times, 1) << id;
  for (const std::string& id : acknowledged.events) {
    EXPECT_TRUE(journaled.events.contains(id)) << id << " was acknowledged and is lost";
  }
}

}  // namespace
}  // namespace tenure::engine
