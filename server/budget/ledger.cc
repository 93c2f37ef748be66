#include "server/budget/ledger.h"

#include <algorithm>

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

NodeId Ledger::FirstFull(NodeId node, int64_t micros) const {
  for (; node != kNoNode; node = nodes_[Index(node)].parent) {
    const Balance& balance = nodes_[Index(node)].balance;
    // committed + held never overflows: each hold was tested here before it was added.
    if (balance.limit - (balance.held + balance.committed) < micros) return node;
  }
  return kNoNode;
}

int64_t Ledger::Room(NodeId node, uint32_t customer) const {
  int64_t room = CustomerRoom(node, customer);
  for (; node != kNoNode; node = nodes_[Index(node)].parent) {
    const Balance& balance = nodes_[Index(node)].balance;
    room = std::min(room, balance.limit - (balance.held + balance.committed));
  }
  return room;
}

int64_t Ledger::CustomerRoom(NodeId node, uint32_t customer) const {
  const Period& period = PeriodOf(node);
  if (period.customer_limit == kUnlimited || customer == 0) return kUnlimited;
  const auto used = period.used_by.find(customer);
  return period.customer_limit - (used == period.used_by.end() ? 0 : used->second);
}

absl::Status Ledger::Place(uint64_t hold_id, NodeId node, int64_t micros, int64_t at_us,
                           int64_t expires_us, uint32_t customer) {
  if (!Known(node)) return absl::InvalidArgumentError("a hold names an envelope that is not open");
  if (micros < 0) return absl::InvalidArgumentError("a hold can't be negative");
  if (expires_us <= at_us) return absl::InvalidArgumentError("a hold must expire after it starts");
  if (const Hold* earlier = FindHold(hold_id); earlier != nullptr) {
    if (earlier->state == HoldState::kHeld && earlier->node == node &&
        earlier->held_micros == micros && earlier->customer == customer) {
      return absl::OkStatus();
    }
    return absl::AlreadyExistsError(
        absl::StrCat("hold ", hold_id, " is ", StateName(earlier->state), " on '",
                     node_id(earlier->node), "' over ", FormatMicros(earlier->held_micros)));
  }
  const Period& period = PeriodOf(node);
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
  if (const int64_t room = CustomerRoom(node, customer); micros > room) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the customer may take ", FormatMicros(std::max<int64_t>(room, 0)),
                     " more of '", period.budget_id, "', ", FormatMicros(micros), " is asked for"));
  }
  Change(hold_id,
         {.node = node, .held_micros = micros, .expires_us = expires_us, .customer = customer});
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
  GiveBack(to);
  // The offer never reached anybody: its coupon is worth nothing.
  if (const Coupon* coupon = FindCoupon(hold_id); coupon != nullptr) {
    Coupon over = *coupon;
    over.expires_us = std::min(over.expires_us, at_us);
    SetCoupon(hold_id, over);
  }
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
  if (micros == left) GiveBack(to);
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
    GiveBack(to);
  }
  return expired;
}

size_t Ledger::DropSettled(int64_t at_us) {
  std::vector<uint64_t> gone;
  for (const auto& [hold_id, hold] : holds_) {
    if (hold.state != HoldState::kHeld && hold.expires_us < at_us && end_us(hold.node) < at_us) {
      gone.push_back(hold_id);
    }
  }
  for (const uint64_t hold_id : gone) {
    const Hold hold = holds_.at(hold_id);
    Record({.kind = Undo::Kind::kDropped, .hold_id = hold_id, .hold = hold});
    CountDropped(hold, 1);
    holds_.erase(hold_id);
  }
  DropCoupons(at_us);
  return gone.size();
}

void Ledger::CountDropped(const Hold& hold, int sign) {
  Node& node = nodes_[Index(hold.node)];
  node.dropped_committed += sign * (hold.committed_micros - hold.refunded_micros);
  node.dropped_refunded += sign * hold.refunded_micros;
  CountCustomer(hold, -sign);
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
  CountCustomer(hold, sign);
}

void Ledger::CountCustomer(const Hold& hold, int sign) {
  Period& period = periods_[Index(nodes_[Index(hold.node)].period)];
  if (period.customer_limit == kUnlimited || hold.customer == 0) return;
  const int64_t used = UsedOf(hold);
  if (used == 0) return;
  const auto counter = period.used_by.try_emplace(hold.customer, 0).first;
  counter->second += sign * used;
  if (counter->second == 0) period.used_by.erase(counter);
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
    case Undo::Kind::kCustomerLimit:
      CountCustomers(undo.period, undo.limit);
      return;
    case Undo::Kind::kCoupon:
      coupons_[undo.hold_id] = undo.coupon;
      return;
    case Undo::Kind::kNewCoupon:
      coupons_.erase(undo.hold_id);
      return;
  }
}

}  // namespace tenure::budget
