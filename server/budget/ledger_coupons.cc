// Coupons: promises that hold nothing until they are redeemed.
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/money.h"
#include "server/base/status.h"
#include "server/budget/ledger.h"

namespace tenure::budget {

absl::Status Ledger::AddCoupon(uint64_t coupon_id, const Coupon& coupon, int64_t at_us) {
  if (!Known(coupon.node)) {
    return absl::InvalidArgumentError("a coupon names an envelope that is not open");
  }
  if (coupon.most_micros < 0) return absl::InvalidArgumentError("a coupon can't be negative");
  if (coupon.expires_us <= at_us) {
    return absl::InvalidArgumentError("a coupon must be valid for some time");
  }
  if (coupon.hold_id != 0 || coupons_.contains(coupon_id)) {
    return absl::AlreadyExistsError(absl::StrCat("coupon ", coupon_id, " is there already"));
  }
  SetCoupon(coupon_id, coupon);
  return absl::OkStatus();
}

absl::Status Ledger::Redeem(uint64_t coupon_id, uint64_t hold_id, int64_t micros, int64_t at_us,
                            int64_t expires_us) {
  const Coupon* found = FindCoupon(coupon_id);
  if (found == nullptr)
    return absl::NotFoundError(absl::StrCat("coupon ", coupon_id, " is unknown"));
  Coupon coupon = *found;
  if (coupon.hold_id != 0) {
    const Hold* const redemption = FindHold(coupon.hold_id);  // null: settled long ago
    const bool under_way = redemption != nullptr && redemption->state == HoldState::kHeld;
    return absl::FailedPreconditionError(under_way ? "the coupon is being redeemed by another call"
                                                   : "the coupon is redeemed already");
  }
  if (at_us >= coupon.expires_us) {
    return absl::FailedPreconditionError("the coupon is no longer valid");
  }
  if (micros < 0 || micros > coupon.most_micros) {
    return absl::OutOfRangeError(absl::StrCat("the coupon is worth 0.00 to ",
                                              FormatMicros(coupon.most_micros), ", not ",
                                              FormatMicros(micros)));
  }
  // A hold that is there already would pass Place as a repeat.
  if (FindHold(hold_id) != nullptr) {
    return absl::AlreadyExistsError(absl::StrCat("hold ", hold_id, " is there already"));
  }
  const std::string path = node_id(coupon.node);
  const std::optional<NodeId> node = FindNode(budget_id(coupon.node), path, at_us);
  if (!node.has_value()) {
    return absl::FailedPreconditionError(
        absl::StrCat("no period with '", path, "' is open: nothing can be held for the coupon"));
  }
  TENURE_RETURN_IF_ERROR(Place(hold_id, *node, micros, at_us, expires_us, coupon.customer));
  Hold redemption = *FindHold(hold_id);
  redemption.coupon = coupon_id;
  Change(hold_id, redemption);
  coupon.hold_id = hold_id;
  SetCoupon(coupon_id, coupon);
  return absl::OkStatus();
}

const Coupon* Ledger::FindCoupon(uint64_t coupon_id) const {
  const auto found = coupons_.find(coupon_id);
  return found == coupons_.end() ? nullptr : &found->second;
}

void Ledger::SetCoupon(uint64_t coupon_id, const Coupon& to) {
  const auto [entry, added] = coupons_.try_emplace(coupon_id, to);
  if (added) {
    Record({.kind = Undo::Kind::kNewCoupon, .hold_id = coupon_id});
    return;
  }
  Record({.kind = Undo::Kind::kCoupon, .hold_id = coupon_id, .coupon = entry->second});
  entry->second = to;
}

void Ledger::GiveBack(const Hold& redemption) {
  const Coupon* found = redemption.coupon == 0 ? nullptr : FindCoupon(redemption.coupon);
  if (found == nullptr) return;  // dropped
  Coupon coupon = *found;
  coupon.hold_id = 0;
  SetCoupon(redemption.coupon, coupon);
}

void Ledger::DropCoupons(int64_t at_us) {
  std::vector<uint64_t> gone;
  for (const auto& [coupon_id, coupon] : coupons_) {
    const bool held = coupon.hold_id != 0 && FindHold(coupon.hold_id) != nullptr;
    if (!held && coupon.expires_us < at_us && end_us(coupon.node) < at_us) {
      gone.push_back(coupon_id);
    }
  }
  for (const uint64_t coupon_id : gone) {
    Record({.kind = Undo::Kind::kCoupon, .hold_id = coupon_id, .coupon = coupons_.at(coupon_id)});
    coupons_.erase(coupon_id);
  }
}

}  // namespace tenure::budget
