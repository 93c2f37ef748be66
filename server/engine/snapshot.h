// A state on disk, so that a restart need not fold the whole journal: "snapshot-<seq>".
#ifndef TENURE_SERVER_ENGINE_SNAPSHOT_H_
#define TENURE_SERVER_ENGINE_SNAPSHOT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/journal/journal.h"

namespace tenure::engine {

struct Snapshot {
  uint64_t seq = 0;         // the last entry folded in
  uint64_t entry_hash = 0;  // of that entry: a snapshot of another journal is told apart
  std::string state;        // Fold::Save
};

// What identifies an entry's content.
uint64_t EntryHash(const journal::Entry& entry);

// Writes by temporary file, fsync and rename, then removes the older ones: at any moment a whole
// snapshot is there, or none. UNAVAILABLE when the disk refuses; the older one then stays.
absl::Status WriteSnapshot(const std::string& dir, const Snapshot& snapshot);

// Removes what a write left that never ended, such as by a kill: its size in bytes; nothing where
// there is none. The snapshots themselves are whole, so nothing is lost by it.
std::optional<uint64_t> RemoveCutSnapshot(const std::string& dir);

// Sequence of the newest in the folder; nothing where there is none.
std::optional<uint64_t> FindSnapshot(const std::string& dir);

// DATA_LOSS when cut short or altered; FAILED_PRECONDITION when another version of the fold wrote
// it.
absl::StatusOr<Snapshot> ReadSnapshot(const std::string& dir, uint64_t seq);

}  // namespace tenure::engine

#endif  // TENURE_SERVER_ENGINE_SNAPSHOT_H_
