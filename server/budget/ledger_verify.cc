// The ledger's counters against its holds, and every envelope against those below it.
#include "absl/strings/str_cat.h"
#include "server/base/money.h"
#include "server/base/status.h"
#include "server/budget/ledger.h"

namespace tenure::budget {

absl::Status Ledger::Verify() const {
  std::vector<Balance> sums(nodes_.size());
  for (const auto& [hold_id, hold] : holds_) {
    if (!Known(hold.node)) {
      return absl::InternalError(absl::StrCat("hold ", hold_id, " names no envelope"));
    }
    for (NodeId node = hold.node; node != kNoNode; node = nodes_[Index(node)].parent) {
      Balance& sum = sums[Index(node)];
      if (hold.state == HoldState::kHeld) sum.held += hold.held_micros;
      sum.committed += hold.committed_micros - hold.refunded_micros;
      sum.refunded += hold.refunded_micros;
    }
  }
  for (NodeId from = 0; from < node_count(); ++from) {
    const Node& dropped = nodes_[Index(from)];
    for (NodeId node = from; node != kNoNode; node = nodes_[Index(node)].parent) {
      sums[Index(node)].committed += dropped.dropped_committed;
      sums[Index(node)].refunded += dropped.dropped_refunded;
    }
  }
  for (NodeId node = 0; node < node_count(); ++node) {
    const Balance& sum = sums[Index(node)];
    const Balance& kept = balance(node);
    if (sum.held != kept.held || sum.committed != kept.committed || sum.refunded != kept.refunded) {
      return absl::InternalError(
          absl::StrCat("'", node_id(node), "' counts held ", FormatMicros(kept.held),
                       " and committed ", FormatMicros(kept.committed), ", its holds say ",
                       FormatMicros(sum.held), " and ", FormatMicros(sum.committed)));
    }
  }
  TENURE_RETURN_IF_ERROR(VerifyParents());
  return VerifyCustomers();
}

// What an envelope counts is what those below it count and what names it itself.
absl::Status Ledger::VerifyParents() const {
  std::vector<Balance> below(nodes_.size());
  for (const auto& [hold_id, hold] : holds_) {
    Balance& own = below[Index(hold.node)];
    if (hold.state == HoldState::kHeld) own.held += hold.held_micros;
    own.committed += hold.committed_micros - hold.refunded_micros;
  }
  for (NodeId node = 0; node < node_count(); ++node) {
    below[Index(node)].committed += nodes_[Index(node)].dropped_committed;
    if (parent(node) == kNoNode) continue;
    Balance& up = below[Index(parent(node))];
    up.held += balance(node).held;
    up.committed += balance(node).committed;
  }
  for (NodeId node = 0; node < node_count(); ++node) {
    if (below[Index(node)].held == balance(node).held &&
        below[Index(node)].committed == balance(node).committed) {
      continue;
    }
    return absl::InternalError(
        absl::StrCat("'", node_id(node), "' counts held ", FormatMicros(balance(node).held),
                     " and committed ", FormatMicros(balance(node).committed),
                     ", what is below it ", FormatMicros(below[Index(node)].held), " and ",
                     FormatMicros(below[Index(node)].committed)));
  }
  return absl::OkStatus();
}

absl::Status Ledger::VerifyCustomers() const {
  std::vector<absl::flat_hash_map<uint32_t, int64_t>> used(periods_.size());
  for (const auto& [hold_id, hold] : holds_) {
    const int32_t period = nodes_[Index(hold.node)].period;
    const int64_t micros = UsedOf(hold);
    if (periods_[Index(period)].customer_limit == kUnlimited || hold.customer == 0) continue;
    if (micros != 0) used[Index(period)][hold.customer] += micros;
  }
  for (size_t p = 0; p < periods_.size(); ++p) {
    if (used[p] == periods_[p].used_by) continue;
    return absl::InternalError(absl::StrCat("the customers' counters of '", periods_[p].budget_id,
                                            "' are not what their holds say"));
  }
  return absl::OkStatus();
}

}  // namespace tenure::budget
