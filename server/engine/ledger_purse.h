// The walk's view of the money: the ledger as it stands, and what the walk has taken on top.
#ifndef TENURE_SERVER_ENGINE_LEDGER_PURSE_H_
#define TENURE_SERVER_ENGINE_LEDGER_PURSE_H_

#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "server/budget/ledger.h"
#include "server/decision/walk.h"
#include "server/engine/pacing.h"

namespace tenure::engine {

// Changes nothing in the ledger: the holds are placed when the decision is applied. For one walk.
class LedgerPurse final : public decision::Purse {
 public:
  // `decision_seq` numbers the holds; 0 for a dry run.
  LedgerPurse(const budget::Ledger& ledger, const Pacing& pacing, int64_t at_us,
              uint64_t decision_seq, uint32_t customer);

  std::string FirstFull(absl::string_view leaf_path, int64_t micros) const override;
  int64_t Room(absl::string_view leaf_path) const override;
  std::string WhyPaced(absl::string_view leaf_path, absl::string_view customer_id, int64_t micros,
                       bool owed) const override;
  uint64_t Hold(absl::string_view leaf_path, int64_t micros, int64_t expires_us) override;

 private:
  std::optional<budget::NodeId> Find(absl::string_view leaf_path) const;
  int64_t Taken(budget::NodeId node) const;
  int64_t CustomerRoom(budget::NodeId leaf, budget::NodeId root) const;

  const budget::Ledger& ledger_;
  const Pacing& pacing_;
  const int64_t at_us_;
  const uint64_t decision_seq_;
  const uint32_t customer_;
  uint32_t placements_ = 0;
  absl::flat_hash_map<budget::NodeId, int64_t> taken_;  // the root's is also the customer's
};

}  // namespace tenure::engine

#endif  // TENURE_SERVER_ENGINE_LEDGER_PURSE_H_
