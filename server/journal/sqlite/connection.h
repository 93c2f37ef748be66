// Connections to the journal's file, and what SQLite's errors mean to us. Here SQLiteCpp's
// exceptions stop: nothing in this folder lets one pass.
#ifndef TENURE_SERVER_JOURNAL_SQLITE_CONNECTION_H_
#define TENURE_SERVER_JOURNAL_SQLITE_CONNECTION_H_

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/journal/entry.h"
#include "server/journal/journal.h"

namespace tenure::journal {

// The columns as every statement lists them.
inline constexpr char kColumns[] =
    "seq, shard, shard_seq, prev_seq, kind, customer, at_us, amount_micros, payload";

// RESOURCE_EXHAUSTED (disk full) and UNAVAILABLE (busy) may pass; DATA_LOSS (a damaged file or a
// failing disk) may not. Every message has the path and what to do.
absl::Status StatusOf(const SQLite::Exception& error, absl::string_view path,
                      absl::string_view doing);

// Opens for writing: creates the table where there is none, checks that the file is a journal of a
// version that this build reads, and sets the write-ahead log up. FAILED_PRECONDITION for a newer
// version, a foreign file or one that can't be written; DATA_LOSS for a damaged one. May throw
// SQLite::Exception.
absl::Status Prepare(SQLite::Database* database, const std::string& path, Durability durability);

// A connection of its own for reading. One thread at a time.
class Reader {
 public:
  explicit Reader(const std::string& path);  // may throw SQLite::Exception

  // Leaves `entry` alone and returns false when there is none. May throw.
  bool Read(uint64_t seq, Entry* entry);
  // Positions the scan; then each Next gives an entry until it returns false. End ends the read
  // transaction. May throw.
  void Begin(uint64_t from_seq);
  bool Next(Entry* entry);
  void End();

 private:
  SQLite::Database database_;
  SQLite::Statement read_;
  SQLite::Statement scan_;
};

}  // namespace tenure::journal

#endif  // TENURE_SERVER_JOURNAL_SQLITE_CONNECTION_H_
