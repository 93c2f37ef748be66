// Was any budget ever over its limit? The journal's money, entry by entry, before a checker that
// shares no code with the ledger.
#ifndef TENURE_SERVER_ENGINE_LEDGER_AUDIT_H_
#define TENURE_SERVER_ENGINE_LEDGER_AUDIT_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/budget/ledger.h"
#include "server/journal/journal.h"

namespace tenure::engine {

struct Audit {
  uint64_t entries = 0;   // of the journal
  int64_t movements = 0;  // of money among them
  int64_t committed = 0;  // micros, over all budgets; net of what came back
  int64_t refunded = 0;   // micros that came back
  int64_t held = 0;       // micros still held
  uint64_t holds = 0;     // ever placed
  // By envelope, each told apart by its path and its period's start.
  struct Envelope {
    int64_t held = 0, committed = 0, refunded = 0;  // micros, of all below it
    friend bool operator==(const Envelope&, const Envelope&) = default;
  };
  std::map<std::pair<std::string, int64_t>, Envelope> envelopes;
};

// What a ledger counts, in the audit's terms.
using LedgerCounts = std::map<std::pair<std::string, int64_t>, Audit::Envelope>;
LedgerCounts CountsOf(const budget::Ledger& ledger);

// DATA_LOSS naming the first envelope that is not the sum of those below it. All that a decision
// holds, it holds on a leaf. Thread-safe.
absl::Status CompareWithChildren(const LedgerCounts& counts);

// DATA_LOSS naming the first envelope on which memory and journal, both as of the same entry, do
// not agree. Thread-safe.
absl::Status Compare(const Audit& audit, const LedgerCounts& memory);

// Folds entries 1 … `last_seq`. DATA_LOSS naming the movement that broke which rule; UNAVAILABLE
// soon after `stop` turns true. Thread-safe.
absl::StatusOr<Audit> AuditLedger(const journal::Journal& journal, uint64_t last_seq,
                                  const std::atomic<bool>& stop);

}  // namespace tenure::engine

#endif  // TENURE_SERVER_ENGINE_LEDGER_AUDIT_H_
