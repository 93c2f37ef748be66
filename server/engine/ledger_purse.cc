#include "server/engine/ledger_purse.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/engine/engine.h"

namespace tenure::engine {

LedgerPurse::LedgerPurse(const budget::Ledger& ledger, const Pacing& pacing, int64_t at_us,
                         uint64_t decision_seq, uint32_t customer)
    : ledger_(ledger),
      pacing_(pacing),
      at_us_(at_us),
      decision_seq_(decision_seq),
      customer_(customer) {}

std::optional<budget::NodeId> LedgerPurse::Find(absl::string_view leaf_path) const {
  return ledger_.FindNode(leaf_path.substr(0, leaf_path.find('/')), leaf_path, at_us_);
}

int64_t LedgerPurse::Taken(budget::NodeId node) const {
  const auto taken = taken_.find(node);
  return taken == taken_.end() ? 0 : taken->second;
}

int64_t LedgerPurse::CustomerRoom(budget::NodeId leaf, budget::NodeId root) const {
  const int64_t room = ledger_.CustomerRoom(leaf, customer_);
  return room == budget::kUnlimited ? room : room - Taken(root);
}

std::string LedgerPurse::FirstFull(absl::string_view leaf_path, int64_t micros) const {
  const std::optional<budget::NodeId> leaf = Find(leaf_path);
  if (!leaf.has_value()) return std::string(leaf_path);
  budget::NodeId root = *leaf;
  for (budget::NodeId node = *leaf; node != budget::kNoNode; node = ledger_.parent(node)) {
    const budget::Balance& balance = ledger_.balance(node);
    // Not what is available, which is never below 0: over its limit an envelope takes nothing.
    const int64_t left = balance.limit - balance.held - balance.committed - Taken(node);
    if (micros > left) return ledger_.node_id(node);
    root = node;
  }
  if (micros > CustomerRoom(*leaf, root)) {
    return absl::StrCat(ledger_.node_id(root), " per customer");
  }
  return "";
}

int64_t LedgerPurse::Room(absl::string_view leaf_path) const {
  const std::optional<budget::NodeId> leaf = Find(leaf_path);
  if (!leaf.has_value()) return -1;
  int64_t room = budget::kUnlimited;
  budget::NodeId root = *leaf;
  for (budget::NodeId node = *leaf; node != budget::kNoNode; node = ledger_.parent(node)) {
    const budget::Balance& balance = ledger_.balance(node);
    room = std::min(room, balance.limit - balance.held - balance.committed - Taken(node));
    root = node;
  }
  return std::min(room, CustomerRoom(*leaf, root));
}

std::string LedgerPurse::WhyPaced(absl::string_view leaf_path, absl::string_view customer_id,
                                  int64_t micros, bool owed) const {
  // All of a budget's holds pass its root.
  budget::NodeId root = *Find(leaf_path);
  while (ledger_.parent(root) != budget::kNoNode) root = ledger_.parent(root);
  return pacing_.WhyPaced(leaf_path, customer_id, micros, Taken(root), owed, at_us_);
}

uint64_t LedgerPurse::Hold(absl::string_view leaf_path, int64_t micros, int64_t /*expires_us*/) {
  for (budget::NodeId node = *Find(leaf_path); node != budget::kNoNode;
       node = ledger_.parent(node)) {
    taken_[node] += micros;
  }
  return decision_seq_ == 0 ? 0 : HoldId(decision_seq_, placements_++);
}

}  // namespace tenure::engine
