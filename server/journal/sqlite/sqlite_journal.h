// The journal in one SQLite file: an append-only table without a secondary index (every index
// costs most of the insert rate), in write-ahead-log mode.
#ifndef TENURE_SERVER_JOURNAL_SQLITE_SQLITE_JOURNAL_H_
#define TENURE_SERVER_JOURNAL_SQLITE_SQLITE_JOURNAL_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "server/base/mutex.h"
#include "server/journal/journal.h"

namespace tenure::journal {

class FolderLock;
class Reader;

struct SqliteOptions {
  std::string dir;  // made when missing; holds journal.sqlite and lock
  Durability durability = Durability::kProcess;
  int64_t max_pages = 0;  // of 4 KiB, then RESOURCE_EXHAUSTED as on a full disk; 0: no such limit
};

// As Journal says.
class SqliteJournal final : public Journal {
 public:
  // FAILED_PRECONDITION when another process has the folder, the file is of a newer version, no
  // journal at all or not to be written by this user; UNAVAILABLE when the folder is not;
  // DATA_LOSS when the file is damaged.
  static absl::StatusOr<std::unique_ptr<SqliteJournal>> Open(const SqliteOptions& options);
  ~SqliteJournal() override;

  // RESOURCE_EXHAUSTED (disk full) and UNAVAILABLE may pass: the next call tries afresh. After any
  // other error the journal must be opened again. INVALID_ARGUMENT for a gap in seq.
  absl::Status Append(absl::Span<const Entry> entries) override;
  absl::StatusOr<Entry> Read(uint64_t seq) const override;
  // DATA_LOSS when an entry is missing in between.
  absl::Status Scan(uint64_t from_seq,
                    const std::function<absl::Status(const Entry&)>& visit) const override;
  uint64_t last_seq() const override { return last_seq_.load(std::memory_order_acquire); }

 private:
  class Writer;
  SqliteJournal(std::string path, std::unique_ptr<FolderLock> lock);
  std::unique_ptr<Reader> TakeReader() const;  // may throw SQLite::Exception
  void GiveBack(std::unique_ptr<Reader> reader) const;

  const std::string path_;
  const std::unique_ptr<FolderLock> lock_;
  std::unique_ptr<Writer> writer_;
  std::atomic<uint64_t> last_seq_{0};
  mutable Mutex mutex_;
  mutable std::vector<std::unique_ptr<Reader>> idle_readers_ TENURE_GUARDED_BY(mutex_);
};

}  // namespace tenure::journal

#endif  // TENURE_SERVER_JOURNAL_SQLITE_SQLITE_JOURNAL_H_
