// Periods and limits of the ledger: what may be spent, and by whom.
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/budget/ledger.h"

namespace tenure::budget {

absl::Status Ledger::CheckTree(const std::vector<NodeSpec>& tree) const {
  if (tree.empty()) return absl::InvalidArgumentError("a period needs at least its root");
  absl::flat_hash_set<absl::string_view> ids;
  for (size_t i = 0; i < tree.size(); ++i) {
    const NodeSpec& spec = tree[i];
    if (spec.id.empty()) return absl::InvalidArgumentError(absl::StrCat("tree[", i, "] has no id"));
    if (!ids.insert(spec.id).second) {
      return absl::InvalidArgumentError(absl::StrCat("'", spec.id, "' stands twice in the tree"));
    }
    if (spec.limit_micros < 0) {
      return absl::InvalidArgumentError(absl::StrCat("the limit of '", spec.id, "' is negative"));
    }
    const bool root = spec.parent == kNoNode;
    if (root != (i == 0) || (!root && (spec.parent < 0 || Index(spec.parent) >= i))) {
      return absl::InvalidArgumentError(absl::StrCat(
          "'", spec.id, "': the root comes first and alone, and parents before their children"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<int32_t> Ledger::FindOrAddPeriod(const std::string& budget_id, int64_t start_us,
                                                int64_t end_us) {
  const auto exact = period_by_start_.find({budget_id, start_us});
  if (exact != period_by_start_.end() && periods_[Index(exact->second)].end_us == end_us) {
    return exact->second;
  }
  // Periods of one budget are disjoint, so only the neighbours by start can overlap.
  const auto after = period_by_start_.lower_bound({budget_id, start_us});
  bool overlaps = after != period_by_start_.end() && after->first.first == budget_id &&
                  after->first.second < end_us;
  if (after != period_by_start_.begin()) {
    const auto before = std::prev(after);
    overlaps |=
        before->first.first == budget_id && periods_[Index(before->second)].end_us > start_us;
  }
  if (overlaps) {
    return absl::AlreadyExistsError(
        absl::StrCat("budget '", budget_id, "': the period overlaps one that is open"));
  }
  const auto period = static_cast<int32_t>(periods_.size());
  periods_.push_back({budget_id, start_us, end_us, {}, kUnlimited, {}});
  period_by_start_[{budget_id, start_us}] = period;
  Record({.kind = Undo::Kind::kNewPeriod});
  return period;
}

absl::Status Ledger::OpenPeriod(const std::string& budget_id, int64_t start_us, int64_t end_us,
                                const std::vector<NodeSpec>& tree) {
  if (budget_id.empty()) return absl::InvalidArgumentError("a budget needs an id");
  if (start_us >= end_us) {
    return absl::InvalidArgumentError(
        absl::StrCat("budget '", budget_id, "': the period ends before it starts"));
  }
  TENURE_RETURN_IF_ERROR(CheckTree(tree));
  // Everything is checked before anything changes.
  if (const auto open = period_by_start_.find({budget_id, start_us});
      open != period_by_start_.end()) {
    const Period& period = periods_[Index(open->second)];
    for (const NodeSpec& spec : tree) {
      const auto known = period.nodes.find(spec.id);
      if (known == period.nodes.end()) {
        if (spec.parent != kNoNode) continue;
        return absl::InvalidArgumentError(
            absl::StrCat("budget '", budget_id, "': its root can't become '", spec.id, "'"));
      }
      const NodeId up = nodes_[Index(known->second)].parent;
      if (spec.parent == kNoNode ? up != kNoNode
                                 : up == kNoNode || node_id(up) != tree[Index(spec.parent)].id) {
        return absl::InvalidArgumentError(
            absl::StrCat("'", spec.id, "' can't move to another parent within a period"));
      }
    }
  }
  TENURE_ASSIGN_OR_RETURN(const int32_t at, FindOrAddPeriod(budget_id, start_us, end_us));
  absl::flat_hash_set<NodeId> named;
  for (const NodeSpec& spec : tree) {
    const auto& nodes = periods_[Index(at)].nodes;
    const auto known = nodes.find(spec.id);
    if (known != nodes.end()) {
      SetLimit(known->second, spec.limit_micros);
    } else {
      AddNode(at, spec.parent == kNoNode ? kNoNode : nodes.at(tree[Index(spec.parent)].id), spec);
    }
    named.insert(periods_[Index(at)].nodes.at(spec.id));
  }
  for (NodeId node = 0; node < node_count(); ++node) {
    if (nodes_[Index(node)].period == at && !named.contains(node)) SetLimit(node, 0);
  }
  return absl::OkStatus();
}

void Ledger::SetLimit(NodeId node, int64_t limit) {
  Balance& balance = nodes_[Index(node)].balance;
  if (balance.limit == limit) return;
  Record({.kind = Undo::Kind::kLimit, .node = node, .limit = balance.limit});
  balance.limit = limit;
}

void Ledger::AddNode(int32_t period, NodeId parent, const NodeSpec& spec) {
  const NodeId node = node_count();
  nodes_.push_back({spec.id, parent, period, {.limit = spec.limit_micros}, 0, 0});
  periods_[Index(period)].nodes[spec.id] = node;
  Record({.kind = Undo::Kind::kNewNode});
}

std::optional<NodeId> Ledger::FindNode(absl::string_view budget_id, absl::string_view node_id,
                                       int64_t at_us) const {
  const std::string budget(budget_id);
  auto period = period_by_start_.upper_bound({budget, at_us});
  if (period == period_by_start_.begin()) return std::nullopt;
  --period;
  const Period& found = periods_[Index(period->second)];
  if (found.budget_id != budget || at_us >= found.end_us) return std::nullopt;
  const auto node = found.nodes.find(node_id);
  if (node == found.nodes.end()) return std::nullopt;
  return node->second;
}

absl::Status Ledger::SetCustomerLimit(const std::string& budget_id, int64_t start_us,
                                      int64_t micros) {
  const auto period = period_by_start_.find({budget_id, start_us});
  if (period == period_by_start_.end()) {
    return absl::NotFoundError(absl::StrCat("budget '", budget_id, "' has no such period"));
  }
  if (micros < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("budget '", budget_id, "': a customer's limit is negative"));
  }
  CountCustomers(period->second, micros);
  return absl::OkStatus();
}

// Counters are kept only where they bind: they begin with the holds that are there.
void Ledger::CountCustomers(int32_t at, int64_t limit) {
  Period& period = periods_[Index(at)];
  if (period.customer_limit == limit) return;
  Record({.kind = Undo::Kind::kCustomerLimit, .period = at, .limit = period.customer_limit});
  const bool begins = period.customer_limit == kUnlimited;
  period.customer_limit = limit;
  if (limit == kUnlimited) period.used_by.clear();
  if (!begins) return;
  for (const auto& [hold_id, hold] : holds_) {
    if (nodes_[Index(hold.node)].period == at) CountCustomer(hold, 1);
  }
}

}  // namespace tenure::budget
