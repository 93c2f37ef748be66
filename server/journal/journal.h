// The durable record: append in order, read by sequence, scan. sqlite/ implements it.
#ifndef TENURE_SERVER_JOURNAL_JOURNAL_H_
#define TENURE_SERVER_JOURNAL_JOURNAL_H_

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "server/journal/entry.h"

namespace tenure::journal {

// What survives: kProcess, a killed process (nothing acknowledged is lost); kPowerLoss, the
// machine's power too (an fsync a commit).
enum class Durability { kProcess, kPowerLoss };

class Journal {
 public:
  virtual ~Journal() = default;

  // Appends all entries in one transaction and returns when they are durable. Their seq must follow
  // last_seq() without a gap. On an error nothing is appended. One thread only, the sequencer's.
  virtual absl::Status Append(absl::Span<const Entry> entries) = 0;

  // The entry `seq`. NOT_FOUND when there is none; DATA_LOSS when it can't be read. Thread-safe,
  // also beside Append.
  virtual absl::StatusOr<Entry> Read(uint64_t seq) const = 0;

  // Calls `visit` for every entry from `from_seq` on, in order, until it returns an error, which is
  // returned. Thread-safe, also beside Append, and sees what was durable when it began.
  virtual absl::Status Scan(uint64_t from_seq,
                            const std::function<absl::Status(const Entry&)>& visit) const = 0;

  // Thread-safe.
  virtual uint64_t last_seq() const = 0;
};

}  // namespace tenure::journal

#endif  // TENURE_SERVER_JOURNAL_JOURNAL_H_
