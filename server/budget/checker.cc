#include "server/budget/checker.h"

#include "absl/strings/str_cat.h"

namespace tenure::budget {

absl::Status Checker::Broken(const Movement& movement, const std::string& rule) const {
  return absl::FailedPreconditionError(absl::StrCat(
      "movement ", count_, " (hold ", movement.hold_id, ", ", movement.micros, " micros): ", rule));
}

std::string Checker::RootOf(std::string node) const {
  while (!envelopes_.at(node).parent.empty()) node = envelopes_.at(node).parent;
  return node;
}

void Checker::Add(std::string node, uint64_t customer, int64_t micros) {
  if (customer != 0) used_by_customer_[{RootOf(node), customer}] += micros;
  while (!node.empty()) {
    used_[node] += micros;
    node = envelopes_.at(node).parent;
  }
}

absl::Status Checker::Next(const Movement& movement) {
  ++count_;
  if (movement.micros < 0) return Broken(movement, "a negative amount");
  switch (movement.kind) {
    case Movement::Kind::kOpen:
      if (movement.node.empty()) return Broken(movement, "an envelope without a name");
      if (!movement.parent.empty() && envelopes_.count(movement.parent) == 0) {
        return Broken(movement, absl::StrCat("unknown parent '", movement.parent, "'"));
      }
      if (!envelopes_.insert({movement.node, {movement.parent, movement.micros}}).second) {
        return Broken(movement, absl::StrCat("'", movement.node, "' opened twice"));
      }
      return absl::OkStatus();
    case Movement::Kind::kLimit: {
      const auto found = envelopes_.find(movement.node);
      if (found == envelopes_.end()) return Broken(movement, "limit of an unknown envelope");
      found->second.limit = movement.micros;
      return absl::OkStatus();
    }
    case Movement::Kind::kCustomerLimit:
      if (envelopes_.count(movement.node) == 0) {
        return Broken(movement, "customers' limit of an unknown envelope");
      }
      customer_limits_[movement.node] = movement.micros;
      return absl::OkStatus();
    case Movement::Kind::kHold:
      return NextHold(movement);
    default:
      return Settle(movement);
  }
}

absl::Status Checker::NextHold(const Movement& movement) {
  if (envelopes_.count(movement.node) == 0) {
    return Broken(movement, absl::StrCat("hold on unknown '", movement.node, "'"));
  }
  if (!entries_
           .insert({movement.hold_id, {movement.node, movement.micros, 0, true, movement.customer}})
           .second) {
    return Broken(movement, "a second hold of that id");
  }
  for (std::string node = movement.node; !node.empty(); node = envelopes_.at(node).parent) {
    // Written without a sum, which could overflow.
    if (envelopes_.at(node).limit - used_[node] < movement.micros) {
      return Broken(movement,
                    absl::StrCat("'", node, "' is over its limit of ", envelopes_.at(node).limit,
                                 ": ", used_[node], " were used before"));
    }
  }
  const std::string root = RootOf(movement.node);
  const auto limit = customer_limits_.find(root);
  if (movement.customer != 0 && limit != customer_limits_.end() &&
      limit->second - used_by_customer_[{root, movement.customer}] < movement.micros) {
    return Broken(movement, absl::StrCat("customer ", movement.customer, " is over the limit of ",
                                         limit->second, " in '", root, "'"));
  }
  Add(movement.node, movement.customer, movement.micros);
  return absl::OkStatus();
}

absl::Status Checker::Settle(const Movement& movement) {
  const auto found = entries_.find(movement.hold_id);
  if (found == entries_.end()) return Broken(movement, "no such hold");
  Entry& entry = found->second;
  if (movement.kind == Movement::Kind::kRefund) {
    if (entry.open) return Broken(movement, "refund of what was not committed");
    if (movement.micros > entry.committed) return Broken(movement, "more refunded than committed");
    entry.committed -= movement.micros;
    Add(entry.node, entry.customer, -movement.micros);
    return absl::OkStatus();
  }
  if (!entry.open) return Broken(movement, "the hold had ended already");
  entry.open = false;
  if (movement.kind == Movement::Kind::kCommit) {
    if (movement.micros > entry.held) return Broken(movement, "more committed than held");
    entry.committed = movement.micros;
  }
  Add(entry.node, entry.customer, entry.committed - entry.held);
  return absl::OkStatus();
}

}  // namespace tenure::budget
