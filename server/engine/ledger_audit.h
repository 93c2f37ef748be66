// Was any budget ever over its limit? The journal's money, entry by entry, before a checker that
// shares no code with the ledger.
#ifndef TENURE_SERVER_ENGINE_LEDGER_AUDIT_H_
#define TENURE_SERVER_ENGINE_LEDGER_AUDIT_H_

#include <atomic>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "server/journal/journal.h"

namespace tenure::engine {

struct Audit {
  uint64_t entries = 0;   // of the journal
  int64_t movements = 0;  // of money among them
  int64_t committed = 0;  // micros, over all budgets
  int64_t held = 0;       // micros still held
  uint64_t holds = 0;     // ever placed
};

// Folds entries 1 … `last_seq`. DATA_LOSS naming the movement that broke which rule; UNAVAILABLE
// soon after `stop` turns true. Thread-safe.
absl::StatusOr<Audit> AuditLedger(const journal::Journal& journal, uint64_t last_seq,
                                  const std::atomic<bool>& stop);

}  // namespace tenure::engine

#endif  // TENURE_SERVER_ENGINE_LEDGER_AUDIT_H_
