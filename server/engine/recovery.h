// From what is on disk to the state: a snapshot and the entries after it, or all entries.
#ifndef TENURE_SERVER_ENGINE_RECOVERY_H_
#define TENURE_SERVER_ENGINE_RECOVERY_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/limits.h"
#include "server/base/log.h"
#include "server/customers/population.h"
#include "server/engine/fold.h"
#include "server/journal/journal.h"

namespace tenure::engine {

struct Recovered {
  std::unique_ptr<customers::Population> population;
  std::unique_ptr<Fold> fold;
  uint64_t snapshot_seq = 0;  // 0: none was used
  std::string how;            // "snapshot-120000 + 35 entries", "full fold of 35 entries"
};

// A snapshot that can't be used is never half used: everything is folded anew and `log` says why.
// DATA_LOSS when the journal itself can't be read, or is empty where a snapshot says that it was
// not.
absl::StatusOr<Recovered> Recover(const std::string& dir, const journal::Journal& journal,
                                  const Limits& limits, const LogSink& log);

}  // namespace tenure::engine

#endif  // TENURE_SERVER_ENGINE_RECOVERY_H_
