#include "server/journal/sqlite/sqlite_journal.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/journal/sqlite/checkpointer.h"
#include "server/journal/sqlite/connection.h"
#include "server/journal/sqlite/folder_lock.h"

namespace tenure::journal {

// The one connection that writes, with its statements prepared.
class SqliteJournal::Writer {
 public:
  Writer(std::unique_ptr<SQLite::Database> database, const std::string& path)
      : database_(std::move(database)),
        begin_(*database_, "BEGIN IMMEDIATE"),
        commit_(*database_, "COMMIT"),
        insert_(*database_, InsertOf(1)),
        insert_many_(*database_, InsertOf(kRowsTogether)),
        checkpointer_(path) {}

  // All or nothing; throws SQLite::Exception when nothing.
  void Append(absl::Span<const Entry> entries) {
    try {
      Run(begin_);
      int64_t bytes = 0;
      for (const Entry& entry : entries) bytes += static_cast<int64_t>(entry.payload.size()) + 48;
      absl::Span<const Entry> left = entries;
      for (; left.size() >= kRowsTogether; left.remove_prefix(kRowsTogether)) {
        Insert(&insert_many_, left.first(kRowsTogether));
      }
      for (; !left.empty(); left.remove_prefix(1)) Insert(&insert_, left.first(1));
      Run(commit_);
      checkpointer_.Written(bytes);
    } catch (const SQLite::Exception&) {
      insert_.tryReset();
      insert_many_.tryReset();
      commit_.tryReset();
      // On some errors SQLite has rolled back by itself.
      if (sqlite3_get_autocommit(database_->getHandle()) == 0) database_->tryExec("ROLLBACK");
      throw;
    }
  }

 private:
  static void Run(SQLite::Statement& statement) {
    statement.reset();
    statement.exec();
    statement.reset();
  }

  // A statement costs about as much as its rows: many rows share one where there are as many.
  static constexpr size_t kRowsTogether = 16;

  static std::string InsertOf(size_t rows) {
    std::string text = absl::StrCat("INSERT INTO journal (", kColumns, ") VALUES ");
    for (size_t row = 0; row < rows; ++row) {
      absl::StrAppend(&text, row == 0 ? "" : ", ", "(?, ?, ?, ?, ?, ?, ?, ?, ?)");
    }
    return text;
  }

  static void Insert(SQLite::Statement* insert, absl::Span<const Entry> entries) {
    int at = 0;
    for (const Entry& entry : entries) {
      insert->bind(++at, static_cast<int64_t>(entry.seq));
      insert->bind(++at, entry.shard);
      insert->bind(++at, static_cast<int64_t>(entry.shard_seq));
      insert->bind(++at, static_cast<int64_t>(entry.prev_seq));
      insert->bind(++at, static_cast<int32_t>(entry.kind));
      insert->bind(++at, entry.customer);
      insert->bind(++at, entry.at_us);
      insert->bind(++at, entry.amount_micros);
      insert->bindNoCopy(++at, entry.payload.data(), static_cast<int>(entry.payload.size()));
    }
    insert->exec();
    insert->reset();
  }

  const std::unique_ptr<SQLite::Database> database_;
  SQLite::Statement begin_, commit_, insert_, insert_many_;
  Checkpointer checkpointer_;
};

SqliteJournal::SqliteJournal(std::string path, std::unique_ptr<FolderLock> lock)
    : path_(std::move(path)), lock_(std::move(lock)) {}

SqliteJournal::~SqliteJournal() = default;

absl::StatusOr<std::unique_ptr<SqliteJournal>> SqliteJournal::Open(const SqliteOptions& options) {
  std::error_code error;
  std::filesystem::create_directories(options.dir, error);
  if (error) {
    return absl::FailedPreconditionError(
        absl::StrCat(options.dir, ": can't be made: ", error.message()));
  }
  TENURE_ASSIGN_OR_RETURN(std::unique_ptr<FolderLock> lock, FolderLock::Take(options.dir));
  const std::string path = absl::StrCat(options.dir, "/journal.sqlite");
  std::unique_ptr<SqliteJournal> journal(new SqliteJournal(path, std::move(lock)));
  try {
    auto database = std::make_unique<SQLite::Database>(
        path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX,
        /*aBusyTimeoutMs=*/5'000);
    TENURE_RETURN_IF_ERROR(Prepare(database.get(), path, options.durability));
    if (options.max_pages > 0) {
      database->exec(absl::StrCat("PRAGMA max_page_count = ", options.max_pages));
    }
    const int64_t last =
        database->execAndGet("SELECT coalesce(max(seq), 0) FROM journal").getInt64();
    journal->last_seq_.store(static_cast<uint64_t>(last));
    journal->writer_ = std::make_unique<Writer>(std::move(database), path);
  } catch (const SQLite::Exception& exception) {
    return StatusOf(exception, path, "opening the journal");
  }
  return journal;
}

absl::Status SqliteJournal::Append(absl::Span<const Entry> entries) {
  uint64_t expected = last_seq();
  for (const Entry& entry : entries) {
    if (entry.seq != ++expected) {
      return absl::InvalidArgumentError(
          absl::StrCat(path_, ": entry ", entry.seq, " can't follow entry ", expected - 1));
    }
  }
  if (entries.empty()) return absl::OkStatus();
  try {
    writer_->Append(entries);
  } catch (const SQLite::Exception& exception) {
    return StatusOf(exception, path_, "appending");
  }
  last_seq_.store(expected, std::memory_order_release);
  return absl::OkStatus();
}

absl::StatusOr<Entry> SqliteJournal::Read(uint64_t seq) const {
  try {
    std::unique_ptr<Reader> reader = TakeReader();
    Entry entry;
    const bool found = reader->Read(seq, &entry);
    GiveBack(std::move(reader));
    if (!found) return absl::NotFoundError(absl::StrCat("the journal has no entry ", seq));
    return entry;
  } catch (const SQLite::Exception& exception) {
    return StatusOf(exception, path_, absl::StrCat("reading entry ", seq));
  }
}

absl::Status SqliteJournal::Scan(uint64_t from_seq,
                                 const std::function<absl::Status(const Entry&)>& visit) const {
  uint64_t expected = from_seq == 0 ? 1 : from_seq;
  try {
    std::unique_ptr<Reader> reader = TakeReader();
    reader->Begin(expected);
    absl::Status status;
    Entry entry;
    while (status.ok() && reader->Next(&entry)) {
      if (entry.seq != expected) {
        status = absl::DataLossError(absl::StrCat(path_, ": entry ", expected, " is missing; ",
                                                  "restore the journal from a backup"));
        break;
      }
      ++expected;
      status = visit(entry);
    }
    reader->End();
    GiveBack(std::move(reader));
    return status;
  } catch (const SQLite::Exception& exception) {
    return StatusOf(exception, path_, absl::StrCat("reading entry ", expected));
  }
}

std::unique_ptr<Reader> SqliteJournal::TakeReader() const {
  {
    MutexLock lock(&mutex_);
    if (!idle_readers_.empty()) {
      std::unique_ptr<Reader> reader = std::move(idle_readers_.back());
      idle_readers_.pop_back();
      return reader;
    }
  }
  return std::make_unique<Reader>(path_);
}

void SqliteJournal::GiveBack(std::unique_ptr<Reader> reader) const {
  MutexLock lock(&mutex_);
  idle_readers_.push_back(std::move(reader));
}

}  // namespace tenure::journal
