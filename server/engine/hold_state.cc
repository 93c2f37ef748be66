#include "server/engine/hold_state.h"

#include "absl/strings/str_cat.h"
#include "server/base/status.h"

namespace tenure::engine {
namespace {

const char* NameOf(budget::HoldState state) {
  switch (state) {
    case budget::HoldState::kHeld:
      return "HELD";
    case budget::HoldState::kCommitted:
      return "COMMITTED";
    case budget::HoldState::kReleased:
      return "RELEASED";
    case budget::HoldState::kExpired:
      return "EXPIRED";
    case budget::HoldState::kRefunded:
      return "REFUNDED";
  }
  return "";
}

}  // namespace

std::string HoldName(uint64_t hold_id) { return absl::StrCat("holds/", DecisionId(hold_id)); }

std::string CouponName(uint64_t coupon_id) {
  return absl::StrCat("coupons/", DecisionId(coupon_id));
}

absl::StatusOr<HoldState> PresentHold(const budget::Ledger& ledger, uint64_t hold_id) {
  const budget::Hold* hold = ledger.FindHold(hold_id);
  if (hold == nullptr) return absl::NotFoundError(absl::StrCat("there is no ", HoldName(hold_id)));
  HoldState state;
  state.hold_id = hold_id;
  state.state = NameOf(hold->state);
  state.held_micros = hold->held_micros;
  state.committed_micros = hold->committed_micros;
  state.refunded_micros = hold->refunded_micros;
  state.expires_us = hold->expires_us;
  state.coupon_id = hold->coupon;
  return state;
}

absl::StatusOr<HoldState> RecordedHold(const budget::Ledger& ledger,
                                       const journal::HoldRecord& record) {
  TENURE_ASSIGN_OR_RETURN(HoldState state, PresentHold(ledger, record.hold_id));
  state.refunded_micros = record.refunded_micros;
  switch (record.change) {
    case journal::HoldChange::kRefunded:
      state.state =
          NameOf(record.refunded_micros == state.committed_micros ? budget::HoldState::kRefunded
                                                                  : budget::HoldState::kCommitted);
      return state;
    case journal::HoldChange::kCommitted:
      state.state = NameOf(budget::HoldState::kCommitted);
      state.committed_micros = record.actual_micros;
      return state;
    default:
      state.state = NameOf(budget::HoldState::kReleased);
      state.committed_micros = 0;
      return state;
  }
}

absl::StatusOr<HoldState> RecordedHold(const budget::Ledger& ledger, uint64_t hold_id,
                                       const journal::RedemptionRecord& record) {
  TENURE_ASSIGN_OR_RETURN(HoldState state, PresentHold(ledger, hold_id));
  state.state = NameOf(budget::HoldState::kHeld);
  state.held_micros = record.held_micros;
  state.committed_micros = state.refunded_micros = 0;
  return state;
}

absl::string_view CampaignOf(const budget::Ledger& ledger, const budget::Hold& hold) {
  const absl::string_view path = ledger.node_id(hold.node);
  return path.substr(path.rfind('/') + 1);
}

}  // namespace tenure::engine
