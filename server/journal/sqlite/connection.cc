#include "server/journal/sqlite/connection.h"

#include <sqlite3.h>

#include "absl/strings/str_cat.h"

namespace tenure::journal {
namespace {

constexpr int kApplicationId = 0x54454E55;  // "TENU", in the file's header
constexpr int kSchemaVersion = 1;

constexpr char kSchema[] = R"(
  CREATE TABLE journal (
    seq INTEGER PRIMARY KEY,
    shard INTEGER NOT NULL,
    shard_seq INTEGER NOT NULL,
    prev_seq INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    customer INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    amount_micros INTEGER NOT NULL,
    payload BLOB NOT NULL
  ) STRICT)";

void FillEntry(SQLite::Statement& row, Entry* entry) {
  entry->seq = static_cast<uint64_t>(row.getColumn(0).getInt64());
  entry->shard = row.getColumn(1).getUInt();
  entry->shard_seq = static_cast<uint64_t>(row.getColumn(2).getInt64());
  entry->prev_seq = static_cast<uint64_t>(row.getColumn(3).getInt64());
  entry->kind = static_cast<Kind>(row.getColumn(4).getInt());
  entry->customer = row.getColumn(5).getUInt();
  entry->at_us = row.getColumn(6).getInt64();
  entry->amount_micros = row.getColumn(7).getInt64();
  const SQLite::Column payload = row.getColumn(8);
  const void* bytes = payload.getBlob();
  entry->payload.assign(bytes == nullptr ? "" : static_cast<const char*>(bytes),
                        static_cast<size_t>(payload.getBytes()));
}

}  // namespace

absl::Status StatusOf(const SQLite::Exception& error, absl::string_view path,
                      absl::string_view doing) {
  const std::string what = absl::StrCat(path, ": ", doing, ": ", error.what());
  switch (error.getErrorCode()) {
    case SQLITE_FULL:
      return absl::ResourceExhaustedError(
          absl::StrCat(what, "; make room on the disk: writing goes on by itself"));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::UnavailableError(
          absl::StrCat(what, "; another program has the journal open: close it"));
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
      return absl::FailedPreconditionError(
          absl::StrCat(what, "; check that the file and its folder are this user's to write"));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::DataLossError(absl::StrCat(
          what,
          "; the file is damaged: stop the server and restore it from a backup, or try "
          "`sqlite3 journal.sqlite .recover` on a copy"));
    case SQLITE_IOERR:
      return absl::DataLossError(
          absl::StrCat(what, "; the disk fails: check it, then start the server again"));
    default:
      return absl::InternalError(what);
  }
}

absl::Status Prepare(SQLite::Database* database, const std::string& path, Durability durability) {
  const int application = database->execAndGet("PRAGMA application_id").getInt();
  const int version = database->execAndGet("PRAGMA user_version").getInt();
  const bool fresh = database->execAndGet("SELECT count(*) FROM sqlite_master").getInt() == 0;
  if (!fresh && application != kApplicationId) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": is an SQLite file but no journal of Tenure; name another folder"));
  }
  if (version > kSchemaVersion) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": has version ", version, " and this program reads up to ",
                     kSchemaVersion, "; start the newer program that wrote it"));
  }
  database->exec("PRAGMA journal_mode = WAL");
  // A checkpoint inside a commit would stall it: a thread of its own makes them.
  database->exec("PRAGMA wal_autocheckpoint = 0");
  database->exec(durability == Durability::kPowerLoss ? "PRAGMA synchronous = FULL"
                                                      : "PRAGMA synchronous = NORMAL");
  if (fresh) {
    SQLite::Transaction transaction(*database);
    database->exec(kSchema);
    database->exec(absl::StrCat("PRAGMA application_id = ", kApplicationId));
    database->exec(absl::StrCat("PRAGMA user_version = ", kSchemaVersion));
    transaction.commit();
  }
  return absl::OkStatus();
}

Reader::Reader(const std::string& path)
    : database_(path, SQLite::OPEN_READONLY | SQLite::OPEN_NOMUTEX, /*aBusyTimeoutMs=*/5'000),
      read_(database_, absl::StrCat("SELECT ", kColumns, " FROM journal WHERE seq = ?")),
      scan_(database_,
            absl::StrCat("SELECT ", kColumns, " FROM journal WHERE seq >= ? ORDER BY seq")) {}

bool Reader::Read(uint64_t seq, Entry* entry) {
  read_.reset();
  read_.bind(1, static_cast<int64_t>(seq));
  const bool found = read_.executeStep();
  if (found) FillEntry(read_, entry);
  read_.reset();
  return found;
}

void Reader::Begin(uint64_t from_seq) {
  scan_.reset();
  scan_.bind(1, static_cast<int64_t>(from_seq));
}

bool Reader::Next(Entry* entry) {
  if (!scan_.executeStep()) return false;
  FillEntry(scan_, entry);
  return true;
}

void Reader::End() { scan_.tryReset(); }

}  // namespace tenure::journal
