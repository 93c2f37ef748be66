#include "tests/budget/ledger_model.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/random.h"

namespace tenure::budget {

const char* const kNodeIds[kNodes] = {"r", "a", "b", "ax", "ay", "bx"};

namespace {

constexpr int64_t kDeclared[kNodes] = {200, 90, 150, 60, 60, 200};

std::vector<NodeSpec> TreeOf(const std::vector<int64_t>& limits) {
  std::vector<NodeSpec> tree;
  for (int n = 0; n < kNodes; ++n) {
    tree.push_back({kNodeIds[n], kParent[n], limits[static_cast<size_t>(n)]});
  }
  return tree;
}

bool Creates(Operation::Kind kind) {
  return kind == Operation::Kind::kHold || kind == Operation::Kind::kClamp ||
         kind == Operation::Kind::kCoupon || kind == Operation::Kind::kRedeem;
}

}  // namespace

std::string Print(const Operation& o) {
  static constexpr const char* kNames[] = {
      "hold",  "clamp",          "commit", "release", "refund", "pass time", "roll over",
      "limit", "customer limit", "coupon", "redeem",  "drop",   "reload"};
  return absl::StrCat(kNames[static_cast<size_t>(o.kind)], " id ", o.id, " coupon ", o.coupon,
                      " on ", kNodeIds[o.node], " micros ", o.micros, " lives ", o.lives,
                      " customer ", o.customer, o.undone ? " (undone)" : "");
}

LedgerModel::LedgerModel() {
  periods_.push_back(
      {{std::begin(kDeclared), std::end(kDeclared)}, std::vector<bool>(kNodes, false)});
}

bool LedgerModel::Under(int node, int above) {
  for (; node >= 0; node = kParent[node]) {
    if (node == above) return true;
  }
  return false;
}

Balance LedgerModel::Sum(int period, int node) const {
  Balance sum;
  sum.limit = periods_[static_cast<size_t>(period)].limits[static_cast<size_t>(node)];
  for (const auto& [id, hold] : holds_) {
    if (hold.period != period || !Under(hold.node, node)) continue;
    if (hold.state == HoldState::kHeld) sum.held += hold.held;
    sum.committed += hold.committed - hold.refunded;
    sum.refunded += hold.refunded;
  }
  return sum;
}

int64_t LedgerModel::UsedBy(uint32_t customer) const {
  int64_t used = 0;
  for (const auto& [id, hold] : holds_) {
    if (hold.period == period() && hold.customer == customer && !hold.dropped) used += hold.used();
  }
  return used;
}

int64_t LedgerModel::Room(int node, uint32_t customer) const {
  int64_t room = kUnlimited;
  if (customer != 0 && periods_.back().customer_limit != kUnlimited) {
    room = periods_.back().customer_limit - UsedBy(customer);
  }
  for (; node >= 0; node = kParent[node]) {
    const Balance sum = Sum(period(), node);
    room = std::min(room, sum.limit - sum.held - sum.committed);
  }
  return room;
}

bool LedgerModel::IsDropped(uint64_t id) const {
  const auto hold = holds_.find(id);
  const auto coupon = coupons_.find(id);
  return (hold != holds_.end() && hold->second.dropped) ||
         (coupon != coupons_.end() && coupon->second.dropped);
}

int64_t LedgerModel::LeftOver() const { return Sum(period(), 0).available(); }

std::string LedgerModel::Overspent() const {
  for (int p = 0; p <= period(); ++p) {
    for (int n = 0; n < kNodes; ++n) {
      const Balance sum = Sum(p, n);
      if (periods_[static_cast<size_t>(p)].lowered[static_cast<size_t>(n)]) continue;
      if (sum.overcommitted() > 0) return absl::StrCat(kNodeIds[n], " is over its limit");
    }
  }
  return "";
}

LedgerModel::Placed* LedgerModel::Find(uint64_t id) {
  const auto found = holds_.find(id);
  return found == holds_.end() || found->second.dropped ? nullptr : &found->second;
}

bool LedgerModel::Place(uint64_t id, int node, int64_t micros, int64_t lives, uint32_t customer) {
  if (const auto known = holds_.find(id); known != holds_.end()) {
    const Placed& hold = known->second;
    return !hold.dropped && hold.state == HoldState::kHeld && hold.period == period() &&
           hold.node == node && hold.held == micros && hold.customer == customer;
  }
  if (micros > Room(node, customer)) return false;
  holds_[id] = {period(), node, HoldState::kHeld, micros, 0, 0, at_ + lives, customer, 0, false};
  return true;
}

bool LedgerModel::Redeem(const Operation& o) {
  const auto found = coupons_.find(o.coupon);
  if (found == coupons_.end() || found->second.dropped) return false;
  Given& coupon = found->second;
  if (coupon.hold != 0 || at_ >= coupon.expires || o.micros > coupon.most) return false;
  if (holds_.contains(o.id)) return false;
  if (!Place(o.id, coupon.node, o.micros, o.lives, coupon.customer)) return false;
  holds_.at(o.id).coupon = o.coupon;
  coupon.hold = o.id;
  return true;
}

void LedgerModel::GiveBack(const Placed& hold) {
  if (hold.coupon != 0) coupons_.at(hold.coupon).hold = 0;
}

void LedgerModel::ExpireDue() {
  for (auto& [id, hold] : holds_) {
    if (hold.state != HoldState::kHeld || hold.expires > at_) continue;
    hold.state = HoldState::kExpired;
    GiveBack(hold);
  }
}

void LedgerModel::Drop() {
  const auto over = [&](int p) { return (p + 1) * kPeriodUs < at_; };
  for (auto& [id, hold] : holds_) {
    hold.dropped |= hold.state != HoldState::kHeld && hold.expires < at_ && over(hold.period);
  }
  for (auto& [id, coupon] : coupons_) {
    const bool held = coupon.hold != 0 && Find(coupon.hold) != nullptr;
    coupon.dropped |= !held && coupon.expires < at_ && over(coupon.period);
  }
}

bool LedgerModel::Apply(const Operation& o) {
  Placed* const hold = Find(o.id);
  const bool held = hold != nullptr && hold->state == HoldState::kHeld && at_ < hold->expires;
  switch (o.kind) {
    case Operation::Kind::kHold:
      return Place(o.id, o.node, o.micros, o.lives, o.customer);
    case Operation::Kind::kClamp: {
      const int64_t room = Room(o.node, o.customer);
      return room >= 0 && Place(o.id, o.node, std::min(o.micros, room), o.lives, o.customer);
    }
    case Operation::Kind::kCommit:
      if (hold != nullptr &&
          (hold->state == HoldState::kCommitted || hold->state == HoldState::kRefunded)) {
        return hold->committed == o.micros;
      }
      if (!held || o.micros > hold->held) return false;
      hold->state = HoldState::kCommitted;
      hold->committed = o.micros;
      return true;
    case Operation::Kind::kRelease: {
      if (hold != nullptr && hold->state == HoldState::kReleased) return true;
      if (!held) return false;
      hold->state = HoldState::kReleased;
      GiveBack(*hold);
      const auto given = coupons_.find(o.id);
      if (given != coupons_.end()) given->second.expires = std::min(given->second.expires, at_);
      return true;
    }
    case Operation::Kind::kRefund:
      if (hold == nullptr || hold->state != HoldState::kCommitted || o.micros == 0 ||
          o.micros > hold->committed - hold->refunded) {
        return false;
      }
      hold->refunded += o.micros;
      if (hold->refunded < hold->committed) return true;
      hold->state = HoldState::kRefunded;
      GiveBack(*hold);
      return true;
    case Operation::Kind::kPassTime:
      at_ = std::min(at_ + o.lives, (period() + 1) * kPeriodUs - 1);
      ExpireDue();
      return true;
    case Operation::Kind::kRollOver: {
      const int64_t carried = LeftOver();
      at_ = (period() + 1) * kPeriodUs;
      ExpireDue();
      periods_.push_back(
          {{std::begin(kDeclared), std::end(kDeclared)}, std::vector<bool>(kNodes, false)});
      periods_.back().limits[0] += carried;
      return true;
    }
    case Operation::Kind::kLimit: {
      const auto n = static_cast<size_t>(o.node);
      if (o.micros < periods_.back().limits[n]) periods_.back().lowered[n] = true;
      periods_.back().limits[n] = o.micros;
      return true;
    }
    case Operation::Kind::kCustomerLimit:
      periods_.back().customer_limit = o.micros == 0 ? kUnlimited : o.micros;
      return true;
    case Operation::Kind::kCoupon:
      if (const auto known = coupons_.find(o.id);
          known != coupons_.end() && !known->second.dropped) {
        return false;
      }
      coupons_[o.id] = {o.node, o.micros, at_ + o.lives, o.customer, 0, period(), false};
      return true;
    case Operation::Kind::kRedeem:
      return Redeem(o);
    case Operation::Kind::kDrop:
      Drop();
      return true;
    case Operation::Kind::kReload:
      return true;
  }
  return false;
}

std::string LedgerModel::Compare(const Ledger& ledger) const {
  if (ledger.node_count() != static_cast<NodeId>(periods_.size()) * kNodes) return "periods differ";
  for (int p = 0; p <= period(); ++p) {
    for (int n = 0; n < kNodes; ++n) {
      const Balance want = Sum(p, n);
      const Balance& has = ledger.balance(p * kNodes + n);
      if (want.limit == has.limit && want.held == has.held && want.committed == has.committed &&
          want.refunded == has.refunded) {
        continue;
      }
      return absl::StrCat(kNodeIds[n], " of period ", p, " has limit ", has.limit, " held ",
                          has.held, " committed ", has.committed, " refunded ", has.refunded,
                          ", should have ", want.limit, " ", want.held, " ", want.committed, " ",
                          want.refunded);
    }
  }
  for (const auto& [id, want] : holds_) {
    const Hold* const has = ledger.FindHold(id);
    if (want.dropped ? has == nullptr
                     : has != nullptr && has->state == want.state &&
                           has->committed_micros == want.committed &&
                           has->refunded_micros == want.refunded) {
      continue;
    }
    return absl::StrCat("hold ", id, " is in another state");
  }
  for (const auto& [id, want] : coupons_) {
    const Coupon* const has = ledger.FindCoupon(id);
    if (want.dropped ? has == nullptr : has != nullptr && has->hold_id == want.hold) continue;
    return absl::StrCat("coupon ", id, " is in another state");
  }
  for (uint32_t customer = 0; customer < 4; ++customer) {
    for (int n = 0; n < kNodes; ++n) {
      if (ledger.Room(period() * kNodes + n, customer) == Room(n, customer)) continue;
      return absl::StrCat("the room of customer ", customer, " on ", kNodeIds[n], " differs");
    }
  }
  const absl::Status verified = ledger.Verify();
  return verified.ok() ? Overspent() : std::string(verified.message());
}

namespace {

// The same to the ledger. `model` is as it was before.
bool ApplyTo(const Operation& o, const LedgerModel& model, Ledger* ledger) {
  const int64_t at = model.at();
  const NodeId node = model.period() * kNodes + o.node;
  const int64_t start = model.period() * kPeriodUs;
  switch (o.kind) {
    case Operation::Kind::kHold:
      return ledger->Place(o.id, node, o.micros, at, at + o.lives, o.customer).ok();
    case Operation::Kind::kClamp: {
      const int64_t room = ledger->Room(node, o.customer);
      return room >= 0 &&
             ledger->Place(o.id, node, std::min(o.micros, room), at, at + o.lives, o.customer).ok();
    }
    case Operation::Kind::kCommit:
      return ledger->Commit(o.id, o.micros, at).ok();
    case Operation::Kind::kRelease:
      return ledger->Release(o.id, at).ok();
    case Operation::Kind::kRefund:
      return ledger->Refund(o.id, o.micros, at).ok();
    case Operation::Kind::kPassTime:
      ledger->ExpireUntil(std::min(at + o.lives, start + kPeriodUs - 1));
      return true;
    case Operation::Kind::kRollOver: {
      const int64_t carried = ledger->balance(model.period() * kNodes).available();
      ledger->ExpireUntil(start + kPeriodUs);
      std::vector<int64_t> limits(std::begin(kDeclared), std::end(kDeclared));
      limits[0] += carried;
      return ledger->OpenPeriod("r", start + kPeriodUs, start + 2 * kPeriodUs, TreeOf(limits)).ok();
    }
    case Operation::Kind::kLimit: {
      std::vector<int64_t> limits = model.limits();
      limits[static_cast<size_t>(o.node)] = o.micros;
      return ledger->OpenPeriod("r", start, start + kPeriodUs, TreeOf(limits)).ok();
    }
    case Operation::Kind::kCustomerLimit:
      return ledger->SetCustomerLimit("r", start, o.micros == 0 ? kUnlimited : o.micros).ok();
    case Operation::Kind::kCoupon: {
      Coupon coupon;
      coupon.node = node;
      coupon.most_micros = o.micros;
      coupon.expires_us = at + o.lives;
      coupon.customer = o.customer;
      return ledger->AddCoupon(o.id, coupon, at).ok();
    }
    case Operation::Kind::kRedeem:
      return ledger->Redeem(o.coupon, o.id, o.micros, at, at + o.lives).ok();
    case Operation::Kind::kDrop:
      ledger->DropSettled(at);
      return true;
    case Operation::Kind::kReload: {
      auto again = Ledger::Deserialize(ledger->Serialize());
      if (!again.ok() || again->Serialize() != ledger->Serialize()) return false;
      *ledger = *std::move(again);
      return true;
    }
  }
  return false;
}

}  // namespace

std::string Differs(const std::vector<Operation>& history) {
  Ledger ledger;
  LedgerModel model;
  if (!ledger.OpenPeriod("r", 0, kPeriodUs, TreeOf(model.limits())).ok()) return "not opened";
  for (size_t i = 0; i < history.size(); ++i) {
    const Operation& o = history[i];
    if (Creates(o.kind) && model.IsDropped(o.id)) continue;  // ids are never used again
    const auto differs = [&](const std::string& how) {
      return absl::StrCat("operation ", i, ", ", Print(o), ": ", how);
    };
    if (o.undone && o.kind != Operation::Kind::kReload) {
      const std::string before = ledger.Serialize();
      ledger.Checkpoint();
      ApplyTo(o, model, &ledger);
      ledger.Rollback();
      if (ledger.Serialize() != before) return differs("the rollback leaves another state");
    } else {
      LedgerModel after = model;
      const bool expected = after.Apply(o);
      const std::string before = expected ? "" : ledger.Serialize();
      if (ApplyTo(o, model, &ledger) != expected) {
        return differs(expected ? "was refused" : "was accepted");
      }
      if (!expected && ledger.Serialize() != before)
        return differs("refused, it changed the state");
      model = std::move(after);
    }
    if (std::string how = model.Compare(ledger); !how.empty()) return differs(how);
  }
  return "";
}

std::vector<Operation> RandomHistory(uint64_t seed, size_t length) {
  using Kind = Operation::Kind;
  static constexpr Kind kKinds[] = {
      Kind::kHold,     Kind::kHold,    Kind::kHold,          Kind::kClamp,  Kind::kCommit,
      Kind::kCommit,   Kind::kRelease, Kind::kRefund,        Kind::kRefund, Kind::kPassTime,
      Kind::kPassTime, Kind::kLimit,   Kind::kCustomerLimit, Kind::kCoupon, Kind::kRedeem,
      Kind::kRedeem,   Kind::kDrop,    Kind::kReload};
  Random random(seed);
  std::vector<Operation> history(length);
  uint64_t last = 0;  // id
  // Ids are given once; what comes later names one of the last, now and then as if it were new.
  const auto recent = [&] { return last - std::min<uint64_t>(last, random.Below(12)); };
  for (Operation& o : history) {
    o.kind = random.Below(40) == 0 ? Kind::kRollOver : kKinds[random.Below(std::size(kKinds))];
    o.id = Creates(o.kind) && random.Below(10) > 0 ? ++last : recent();
    o.coupon = recent();
    o.node = static_cast<int>(random.Below(kNodes));
    o.micros = static_cast<int64_t>(random.Below(o.kind == Kind::kLimit ? 220 : 45));
    if (o.kind == Kind::kRefund || o.kind == Kind::kRedeem) o.micros /= 4;
    o.lives = 1 + static_cast<int64_t>(random.Below(o.kind == Kind::kCoupon ? 400 : 60));
    o.customer = static_cast<uint32_t>(random.Below(4));
    o.undone = random.Below(8) == 0;
  }
  return history;
}

std::vector<Operation> Shrink(std::vector<Operation> history,
                              std::string (*fails)(const std::vector<Operation>&)) {
  // Ever smaller pieces are left out, as long as it still fails without them.
  for (size_t piece = std::max<size_t>(history.size() / 2, 1);;
       piece = std::max<size_t>(piece / 2, 1)) {
    bool shorter = false;
    for (size_t from = 0; from < history.size();) {
      std::vector<Operation> without = history;
      without.erase(
          without.begin() + static_cast<std::ptrdiff_t>(from),
          without.begin() + static_cast<std::ptrdiff_t>(std::min(from + piece, history.size())));
      if (!fails(without).empty()) {
        history = std::move(without);
        shorter = true;
      } else {
        from += piece;
      }
    }
    if (piece == 1 && !shorter) break;
  }
  for (bool less = true; less;) {
    less = false;
    for (size_t i = 0; i < history.size(); ++i) {
      for (int64_t Operation::*amount : {&Operation::micros, &Operation::lives}) {
        const int64_t now = history[i].*amount;
        const int64_t least = amount == &Operation::lives ? 1 : 0;
        for (const int64_t smaller : {least, now / 2, now - 1}) {
          if (smaller < least || smaller >= history[i].*amount) continue;
          std::vector<Operation> with = history;
          with[i].*amount = smaller;
          if (fails(with).empty()) continue;
          history = std::move(with);
          less = true;
        }
      }
    }
  }
  return history;
}

}  // namespace tenure::budget
