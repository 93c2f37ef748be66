#include "server/engine/ledger_purse.h"

#include "server/engine/engine.h"

namespace tenure::engine {

LedgerPurse::LedgerPurse(const budget::Ledger& ledger, const Pacing& pacing, int64_t at_us,
                         uint64_t decision_seq)
    : ledger_(ledger), pacing_(pacing), at_us_(at_us), decision_seq_(decision_seq) {}

std::optional<budget::NodeId> LedgerPurse::Find(absl::string_view leaf_path) const {
  return ledger_.FindNode(leaf_path.substr(0, leaf_path.find('/')), leaf_path, at_us_);
}

std::string LedgerPurse::FirstFull(absl::string_view leaf_path, int64_t micros) const {
  const std::optional<budget::NodeId> leaf = Find(leaf_path);
  if (!leaf.has_value()) return std::string(leaf_path);
  for (budget::NodeId node = *leaf; node != budget::kNoNode; node = ledger_.parent(node)) {
    const auto taken = taken_.find(node);
    const int64_t left =
        ledger_.balance(node).available() - (taken == taken_.end() ? 0 : taken->second);
    if (micros > left) return ledger_.node_id(node);
  }
  return "";
}

std::string LedgerPurse::WhyPaced(absl::string_view leaf_path, absl::string_view customer_id,
                                  int64_t micros, bool owed) const {
  // All of a budget's holds pass its root.
  budget::NodeId root = *Find(leaf_path);
  while (ledger_.parent(root) != budget::kNoNode) root = ledger_.parent(root);
  const auto taken = taken_.find(root);
  return pacing_.WhyPaced(leaf_path, customer_id, micros, taken == taken_.end() ? 0 : taken->second,
                          owed, at_us_);
}

uint64_t LedgerPurse::Hold(absl::string_view leaf_path, int64_t micros, int64_t /*expires_us*/) {
  for (budget::NodeId node = *Find(leaf_path); node != budget::kNoNode;
       node = ledger_.parent(node)) {
    taken_[node] += micros;
  }
  return decision_seq_ == 0 ? 0 : HoldId(decision_seq_, placements_++);
}

}  // namespace tenure::engine
