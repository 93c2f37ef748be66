#include "server/budget/ledger.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "server/base/money.h"
#include "server/base/status.h"

namespace tenure::budget {
namespace {

absl::Status UnknownHold(uint64_t hold_id) {
  return absl::NotFoundError(absl::StrCat("hold ", hold_id, " is unknown"));
}

const char* StateName(HoldState state) {
  switch (state) {
    case HoldState::kHeld:
      return "held";
    case HoldState::kCommitted:
      return "committed";
    case HoldState::kReleased:
      return "released";
    case HoldState::kExpired:
      return "expired";
    case HoldState::kRefunded:
      return "refunded";
  }
  return "unknown";
}

}  // namespace

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
  periods_.push_back({budget_id, start_us, end_us, {}});
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

NodeId Ledger::FirstFull(NodeId node, int64_t micros) const {
  for (; node != kNoNode; node = nodes_[Index(node)].parent) {
    const Balance& balance = nodes_[Index(node)].balance;
    // committed + held never overflows: each hold was tested here before it was added.
    if (balance.limit - (balance.held + balance.committed) < micros) return node;
  }
  return kNoNode;
}

absl::Status Ledger::Place(uint64_t hold_id, NodeId node, int64_t micros, int64_t at_us,
                           int64_t expires_us) {
  if (!Known(node)) return absl::InvalidArgumentError("a hold names an envelope that is not open");
  if (micros < 0) return absl::InvalidArgumentError("a hold can't be negative");
  if (expires_us <= at_us) return absl::InvalidArgumentError("a hold must expire after it starts");
  if (const Hold* earlier = FindHold(hold_id); earlier != nullptr) {
    if (earlier->state == HoldState::kHeld && earlier->node == node &&
        earlier->held_micros == micros) {
      return absl::OkStatus();
    }
    return absl::AlreadyExistsError(
        absl::StrCat("hold ", hold_id, " is ", StateName(earlier->state), " on '",
                     node_id(earlier->node), "' over ", FormatMicros(earlier->held_micros)));
  }
  const Period& period = periods_[Index(nodes_[Index(node)].period)];
  if (at_us < period.start_us || at_us >= period.end_us) {
    return absl::FailedPreconditionError(
        absl::StrCat("'", node_id(node), "' belongs to another period of '", period.budget_id,
                     "' than the hold's instant"));
  }
  if (const NodeId full = FirstFull(node, micros); full != kNoNode) {
    return absl::ResourceExhaustedError(
        absl::StrCat("'", node_id(full), "' has ", FormatMicros(balance(full).available()),
                     " left, ", FormatMicros(micros), " is asked for"));
  }
  Change(hold_id, {.node = node, .held_micros = micros, .expires_us = expires_us});
  return absl::OkStatus();
}

absl::Status Ledger::Commit(uint64_t hold_id, int64_t actual_micros, int64_t at_us) {
  const Hold* hold = FindHold(hold_id);
  if (hold == nullptr) return UnknownHold(hold_id);
  if (hold->state == HoldState::kCommitted || hold->state == HoldState::kRefunded) {
    if (hold->committed_micros == actual_micros) return absl::OkStatus();
    return absl::AlreadyExistsError(absl::StrCat("hold ", hold_id, " is committed with ",
                                                 FormatMicros(hold->committed_micros)));
  }
  if (hold->state != HoldState::kHeld || at_us >= hold->expires_us) {
    return absl::FailedPreconditionError(
        absl::StrCat("hold ", hold_id, " is ",
                     hold->state == HoldState::kHeld ? "expired" : StateName(hold->state),
                     ": nothing is held that could be committed"));
  }
  if (actual_micros < 0 || actual_micros > hold->held_micros) {
    return absl::InvalidArgumentError(absl::StrCat("hold ", hold_id, " can commit 0.00 to ",
                                                   FormatMicros(hold->held_micros), ", not ",
                                                   FormatMicros(actual_micros)));
  }
  Hold to = *hold;
  to.state = HoldState::kCommitted;
  to.committed_micros = actual_micros;
  Change(hold_id, to);
  return absl::OkStatus();
}

absl::Status Ledger::Release(uint64_t hold_id, int64_t at_us) {
  const Hold* hold = FindHold(hold_id);
  if (hold == nullptr) return UnknownHold(hold_id);
  if (hold->state == HoldState::kReleased) return absl::OkStatus();
  if (hold->state != HoldState::kHeld || at_us >= hold->expires_us) {
    return absl::FailedPreconditionError(
        absl::StrCat("hold ", hold_id, " is ",
                     hold->state == HoldState::kHeld ? "expired" : StateName(hold->state),
                     ": nothing is held that could be released"));
  }
  Hold to = *hold;
  to.state = HoldState::kReleased;
  Change(hold_id, to);
  return absl::OkStatus();
}

absl::Status Ledger::Refund(uint64_t hold_id, int64_t micros, int64_t /*at_us*/) {
  const Hold* hold = FindHold(hold_id);
  if (hold == nullptr) return UnknownHold(hold_id);
  if (hold->state != HoldState::kCommitted && hold->state != HoldState::kRefunded) {
    return absl::FailedPreconditionError(
        absl::StrCat("hold ", hold_id, " is ", StateName(hold->state), ", not committed"));
  }
  const int64_t left = hold->committed_micros - hold->refunded_micros;
  if (micros <= 0 || micros > left) {
    return absl::OutOfRangeError(absl::StrCat("hold ", hold_id, " has ", FormatMicros(left),
                                              " left to refund, not ", FormatMicros(micros)));
  }
  Hold to = *hold;
  to.refunded_micros += micros;
  if (micros == left) to.state = HoldState::kRefunded;
  Change(hold_id, to);
  return absl::OkStatus();
}

std::vector<ExpiredHold> Ledger::ExpireUntil(int64_t at_us) {
  std::vector<ExpiredHold> expired;
  while (!due_.empty() && due_.begin()->first <= at_us) {
    const uint64_t hold_id = due_.begin()->second;
    Hold to = holds_.at(hold_id);
    to.state = HoldState::kExpired;
    expired.push_back({hold_id, to.node, to.held_micros, to.expires_us});
    Change(hold_id, to);
  }
  return expired;
}

size_t Ledger::DropSettled(int64_t at_us) {
  std::vector<uint64_t> gone;
  for (const auto& [hold_id, hold] : holds_) {
    const Period& period = periods_[Index(nodes_[Index(hold.node)].period)];
    if (hold.state != HoldState::kHeld && hold.expires_us < at_us && period.end_us < at_us) {
      gone.push_back(hold_id);
    }
  }
  for (const uint64_t hold_id : gone) {
    const Hold hold = holds_.at(hold_id);
    Record({.kind = Undo::Kind::kDropped, .hold_id = hold_id, .hold = hold});
    CountDropped(hold, 1);
    holds_.erase(hold_id);
  }
  return gone.size();
}

void Ledger::CountDropped(const Hold& hold, int sign) {
  Node& node = nodes_[Index(hold.node)];
  node.dropped_committed += sign * (hold.committed_micros - hold.refunded_micros);
  node.dropped_refunded += sign * hold.refunded_micros;
}

std::optional<int64_t> Ledger::next_expiry_us() const {
  if (due_.empty()) return std::nullopt;
  return due_.begin()->first;
}

const Hold* Ledger::FindHold(uint64_t hold_id) const {
  const auto found = holds_.find(hold_id);
  return found == holds_.end() ? nullptr : &found->second;
}

void Ledger::Apply(const Hold& hold, int sign) {
  const int64_t held = hold.state == HoldState::kHeld ? hold.held_micros : 0;
  const int64_t committed = hold.committed_micros - hold.refunded_micros;
  for (NodeId node = hold.node; node != kNoNode; node = nodes_[Index(node)].parent) {
    Balance& balance = nodes_[Index(node)].balance;
    balance.held += sign * held;
    balance.committed += sign * committed;
    balance.refunded += sign * hold.refunded_micros;
  }
}

void Ledger::Change(uint64_t hold_id, const Hold& to) {
  const auto [entry, added] = holds_.try_emplace(hold_id, to);
  if (added) {
    Record({.kind = Undo::Kind::kNewHold, .hold_id = hold_id});
  } else {
    Record({.kind = Undo::Kind::kHold, .hold_id = hold_id, .hold = entry->second});
    Apply(entry->second, -1);
    if (entry->second.state == HoldState::kHeld) due_.erase({entry->second.expires_us, hold_id});
    entry->second = to;
  }
  Apply(to, 1);
  if (to.state == HoldState::kHeld) due_.insert({to.expires_us, hold_id});
}

void Ledger::Record(Undo undo) {
  if (recording_) undo_.push_back(std::move(undo));
}

void Ledger::Checkpoint() {
  undo_.clear();
  recording_ = true;
}

void Ledger::Rollback() {
  RollbackTo(0);
  recording_ = true;
}

void Ledger::RollbackTo(size_t mark) {
  const bool was_recording = recording_;
  recording_ = false;
  for (; undo_.size() > mark; undo_.pop_back()) UndoOne(undo_.back());
  recording_ = was_recording;
}

void Ledger::UndoOne(const Undo& undo) {
  switch (undo.kind) {
    case Undo::Kind::kHold:
      Change(undo.hold_id, undo.hold);
      return;
    case Undo::Kind::kNewHold: {
      const Hold hold = holds_.at(undo.hold_id);
      Apply(hold, -1);
      due_.erase({hold.expires_us, undo.hold_id});
      holds_.erase(undo.hold_id);
      return;
    }
    case Undo::Kind::kDropped:
      CountDropped(undo.hold, -1);
      holds_[undo.hold_id] = undo.hold;
      return;
    case Undo::Kind::kLimit:
      nodes_[Index(undo.node)].balance.limit = undo.limit;
      return;
    case Undo::Kind::kNewNode:
      periods_[Index(nodes_.back().period)].nodes.erase(nodes_.back().id);
      nodes_.pop_back();
      return;
    case Undo::Kind::kNewPeriod:
      period_by_start_.erase({periods_.back().budget_id, periods_.back().start_us});
      periods_.pop_back();
      return;
  }
}

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
  return absl::OkStatus();
}

}  // namespace tenure::budget
