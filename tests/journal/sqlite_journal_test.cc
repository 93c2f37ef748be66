#include "server/journal/sqlite/sqlite_journal.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"

namespace tenure::journal {
namespace {

using ::testing::HasSubstr;

class SqliteJournalTest : public testing::Test {
 protected:
  SqliteJournalTest() {
    std::string pattern = testing::TempDir() + "/journalXXXXXX";
    dir_ = mkdtemp(pattern.data());
  }
  ~SqliteJournalTest() override { std::filesystem::remove_all(dir_); }

  std::unique_ptr<SqliteJournal> Open(Durability durability = Durability::kProcess) {
    absl::StatusOr<std::unique_ptr<SqliteJournal>> journal =
        SqliteJournal::Open({.dir = dir_, .durability = durability});
    EXPECT_TRUE(journal.ok()) << journal.status();
    return journal.ok() ? *std::move(journal) : nullptr;
  }
  std::string file() const { return dir_ + "/journal.sqlite"; }

  std::string dir_;
};

std::vector<Entry> Entries(uint64_t from, size_t count, size_t payload_bytes = 20) {
  std::vector<Entry> entries(count);
  for (size_t i = 0; i < count; ++i) {
    entries[i].seq = entries[i].shard_seq = from + i;
    entries[i].prev_seq = from + i - 1;
    entries[i].kind = Kind::kEvent;
    entries[i].customer = static_cast<uint32_t>(i + 1);
    entries[i].at_us = static_cast<int64_t>(1000 + from + i);
    entries[i].amount_micros = -7;
    entries[i].payload = std::string(payload_bytes, static_cast<char>(i));
  }
  return entries;
}

TEST_F(SqliteJournalTest, Reopened_HasEveryField) {
  for (const Durability durability : {Durability::kProcess, Durability::kPowerLoss}) {
    const uint64_t before = Open(durability)->last_seq();
    ASSERT_TRUE(Open(durability)->Append(Entries(before + 1, 3)).ok());
  }
  const std::unique_ptr<SqliteJournal> journal = Open();
  EXPECT_EQ(journal->last_seq(), 6u);
  const absl::StatusOr<Entry> entry = journal->Read(5);
  ASSERT_TRUE(entry.ok()) << entry.status();
  EXPECT_EQ(entry->seq, 5u);
  EXPECT_EQ(entry->shard_seq, 5u);
  EXPECT_EQ(entry->prev_seq, 4u);
  EXPECT_EQ(entry->kind, Kind::kEvent);
  EXPECT_EQ(entry->customer, 2u);
  EXPECT_EQ(entry->at_us, 1005);
  EXPECT_EQ(entry->amount_micros, -7);
  EXPECT_EQ(entry->payload, std::string(20, 1));
  EXPECT_EQ(journal->Read(7).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(SqliteJournalTest, ScanFromTheMiddle_SeesTheRestInOrder) {
  const std::unique_ptr<SqliteJournal> journal = Open();
  ASSERT_TRUE(journal->Append(Entries(1, 10)).ok());
  std::vector<uint64_t> seen;
  ASSERT_TRUE(journal
                  ->Scan(8,
                         [&](const Entry& entry) {
                           seen.push_back(entry.seq);
                           return absl::OkStatus();
                         })
                  .ok());
  EXPECT_THAT(seen, testing::ElementsAre(8, 9, 10));
  EXPECT_EQ(journal->Scan(1, [](const Entry&) { return absl::CancelledError("enough"); }).code(),
            absl::StatusCode::kCancelled);
}

TEST_F(SqliteJournalTest, Append_WithAGap_IsRefused) {
  const std::unique_ptr<SqliteJournal> journal = Open();
  EXPECT_EQ(journal->Append(Entries(2, 1)).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(journal->last_seq(), 0u);
}

TEST_F(SqliteJournalTest, SecondOpen_IsRefusedNamingTheOwner) {
  const std::unique_ptr<SqliteJournal> journal = Open();
  const absl::Status second = SqliteJournal::Open({.dir = dir_}).status();
  EXPECT_EQ(second.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(second.message(), HasSubstr(absl::StrCat("process ", getpid())));
}

TEST_F(SqliteJournalTest, NewerVersion_IsRefused) {
  Open();
  SQLite::Database(file(), SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 2");
  const absl::Status status = SqliteJournal::Open({.dir = dir_}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(status.message(), HasSubstr("version 2"));
}

TEST_F(SqliteJournalTest, ForeignDatabase_IsRefused) {
  SQLite::Database(file(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
      .exec("CREATE TABLE orders (id INTEGER)");
  EXPECT_EQ(SqliteJournal::Open({.dir = dir_}).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(SqliteJournalTest, GarbageFile_IsDataLossWithPathAndRemedy) {
  std::ofstream(file()) << std::string(10'000, 'x');
  const absl::Status status = SqliteJournal::Open({.dir = dir_}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(status.message(), HasSubstr(file()));
  EXPECT_THAT(status.message(), HasSubstr("backup"));
}

TEST_F(SqliteJournalTest, DamagedPages_AreDataLossWhenScanned) {
  ASSERT_TRUE(Open()->Append(Entries(1, 2'000)).ok());
  {  // closing the last connection has moved everything into the file
    std::fstream damage(file(), std::ios::in | std::ios::out | std::ios::binary);
    damage.seekp(4'096 * 5);
    damage << std::string(4'096 * 8, '\xee');
  }
  absl::StatusOr<std::unique_ptr<SqliteJournal>> journal = SqliteJournal::Open({.dir = dir_});
  const absl::Status status =
      journal.ok() ? (*journal)->Scan(1, [](const Entry&) { return absl::OkStatus(); })
                   : journal.status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
}

TEST_F(SqliteJournalTest, MissingEntry_IsDataLossWhenScanned) {
  ASSERT_TRUE(Open()->Append(Entries(1, 5)).ok());
  SQLite::Database(file(), SQLite::OPEN_READWRITE).exec("DELETE FROM journal WHERE seq = 3");
  const absl::Status status = Open()->Scan(1, [](const Entry&) { return absl::OkStatus(); });
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(status.message(), HasSubstr("entry 3"));
}

TEST_F(SqliteJournalTest, FullFile_RefusesTheWholeBatchAndRecovers) {
  absl::StatusOr<std::unique_ptr<SqliteJournal>> journal =
      SqliteJournal::Open({.dir = dir_, .max_pages = 20});
  ASSERT_TRUE(journal.ok()) << journal.status();
  ASSERT_TRUE((*journal)->Append(Entries(1, 10)).ok());
  const absl::Status full = (*journal)->Append(Entries(11, 50, 4'000));
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted) << full;
  EXPECT_EQ((*journal)->last_seq(), 10u);
  EXPECT_EQ((*journal)->Read(11).status().code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE((*journal)->Append(Entries(11, 1)).ok());
  journal->reset();
  EXPECT_EQ(Open()->last_seq(), 11u);
}

TEST_F(SqliteJournalTest, FullDisk_WritesNothingByHalvesAndGoesOnWithRoom) {
  const std::string disk = dir_ + "/disk";
  std::filesystem::create_directory(disk);
  if (mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=1m") != 0) {
    GTEST_SKIP() << "mounting a small file system needs root";
  }
  {
    absl::StatusOr<std::unique_ptr<SqliteJournal>> journal = SqliteJournal::Open({.dir = disk});
    ASSERT_TRUE(journal.ok()) << journal.status();
    ASSERT_TRUE((*journal)->Append(Entries(1, 10)).ok());
    std::ofstream(disk + "/ballast") << std::string(400'000, 'b');
    const absl::Status full = (*journal)->Append(Entries(11, 500, 4'000));
    EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted) << full;
    EXPECT_EQ((*journal)->last_seq(), 10u);
    EXPECT_EQ((*journal)->Read(11).status().code(), absl::StatusCode::kNotFound);
    std::filesystem::remove(disk + "/ballast");
    const absl::Status again = (*journal)->Append(Entries(11, 10));
    EXPECT_TRUE(again.ok()) << again;
  }
  absl::StatusOr<std::unique_ptr<SqliteJournal>> reopened = SqliteJournal::Open({.dir = disk});
  ASSERT_TRUE(reopened.ok()) << reopened.status();
  EXPECT_EQ((*reopened)->last_seq(), 20u);
  reopened->reset();
  umount2(disk.c_str(), MNT_DETACH);
}

TEST_F(SqliteJournalTest, ReadersBesideTheWriter_SeeWholeBatches) {
  const std::unique_ptr<SqliteJournal> journal = Open();
  std::atomic<bool> stop{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        uint64_t count = 0;
        const absl::Status status = journal->Scan(1, [&](const Entry&) {
          ++count;
          return absl::OkStatus();
        });
        EXPECT_TRUE(status.ok()) << status;
        EXPECT_EQ(count % 10, 0u);
        const uint64_t last = journal->last_seq();
        if (last > 0) {
          EXPECT_EQ(journal->Read(last)->seq, last);
        }
      }
    });
  }
  for (uint64_t i = 0; i < 100; ++i) {
    const absl::Status status = journal->Append(Entries(i * 10 + 1, 10));
    ASSERT_TRUE(status.ok()) << status;
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(journal->last_seq(), 1'000u);
}

}  // namespace
}  // namespace tenure::journal
