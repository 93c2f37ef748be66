// What becomes of holds and coupons: committed, released, refunded, redeemed.
#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/base/money.h"
#include "server/base/status.h"
#include "server/engine/hold_state.h"
#include "server/engine/sequencer.h"

namespace tenure::engine {
namespace {

using journal::Entry;
using journal::HoldChange;
using journal::Kind;

// How long a redemption's hold lives where the coupon's campaign is no longer in the rules.
constexpr int64_t kRedemptionUs = 15 * 60 * kMicrosPerSecond;

const char* PastOf(HoldChange change) {
  switch (change) {
    case HoldChange::kCommitted:
      return "committed";
    case HoldChange::kRefunded:
      return "refunded";
    default:
      return "released";
  }
}

// Why a hold can't change so, judged before the ledger is: also where it would end as before, since
// a second entry would move money that is no longer there.
absl::Status MaySettle(const HoldCommand& command, const budget::Hold& hold,
                       const HoldState& before) {
  const bool spent =
      hold.state == budget::HoldState::kCommitted || hold.state == budget::HoldState::kRefunded;
  const bool refund = command.change == HoldChange::kRefunded;
  if (refund ? !spent : hold.state != budget::HoldState::kHeld) {
    return absl::FailedPreconditionError(absl::StrCat(
        HoldName(command.hold_id), " is ", absl::AsciiStrToLower(before.state), ": nothing is ",
        refund ? "committed" : "held", " that could be ", PastOf(command.change)));
  }
  const int64_t most = refund ? hold.committed_micros - hold.refunded_micros : hold.held_micros;
  const int64_t least = refund ? 1 : 0;
  if (command.change == HoldChange::kReleased ||
      (command.actual_micros >= least && command.actual_micros <= most)) {
    return absl::OkStatus();
  }
  return absl::OutOfRangeError(absl::StrCat(HoldName(command.hold_id), refund ? " has " : " holds ",
                                            FormatMicros(most), refund ? " left to refund" : "",
                                            ", not ", FormatMicros(command.actual_micros)));
}

int64_t HoldTimeOf(const rules::RuleSet* rules, absl::string_view campaign) {
  if (rules == nullptr) return kRedemptionUs;
  for (const rules::Campaign& each : rules->campaigns) {
    if (each.id == campaign) return each.hold_us;
  }
  return kRedemptionUs;
}

}  // namespace

absl::StatusOr<HoldState> Sequencer::SettleHold(const HoldCommand& command) {
  journal::HoldRecord record;
  record.hold_id = command.hold_id;
  record.change = command.change;
  TENURE_ASSIGN_OR_RETURN(const uint64_t seen, FindRequest(Fold::MethodOf(record), command.key));
  if (seen != 0) {
    TENURE_ASSIGN_OR_RETURN(const Entry entry, EntryAt(seen));
    TENURE_ASSIGN_OR_RETURN(record, journal::Decode<journal::HoldRecord>(entry.payload));
    return RecordedHold(fold_->ledger(), record);
  }
  TENURE_ASSIGN_OR_RETURN(const HoldState before, PresentHold(fold_->ledger(), command.hold_id));
  TENURE_RETURN_IF_ERROR(MaySettle(command, *fold_->ledger().FindHold(command.hold_id), before));
  TENURE_ASSIGN_OR_RETURN(const Entry placed, EntryAt(DecisionOfHold(command.hold_id)));
  Entry entry = NextEntry(Kind::kHold, placed.customer, command.actual_micros);
  record.actual_micros = command.actual_micros;
  if (command.change == HoldChange::kRefunded) {
    record.refunded_micros = before.refunded_micros + command.actual_micros;
  }
  record.caller = command.key.caller;
  record.request_id = command.key.request_id;
  record.request_digest = command.key.digest;
  TENURE_RETURN_IF_ERROR(fold_->Apply(entry, record));
  entry.payload = journal::Encode(record);
  entries_.push_back(std::move(entry));
  return PresentHold(fold_->ledger(), command.hold_id);
}

absl::StatusOr<HoldState> Sequencer::Redeem(const RedeemCommand& command) {
  TENURE_ASSIGN_OR_RETURN(const uint64_t seen, FindRequest(Method::kRedeemCoupon, command.key));
  journal::RedemptionRecord record;
  if (seen != 0) {
    TENURE_ASSIGN_OR_RETURN(const Entry entry, EntryAt(seen));
    TENURE_ASSIGN_OR_RETURN(record, journal::Decode<journal::RedemptionRecord>(entry.payload));
    return RecordedHold(fold_->ledger(), HoldId(seen, 0), record);
  }
  const budget::Ledger& ledger = fold_->ledger();
  const budget::Coupon* const coupon = ledger.FindCoupon(command.coupon_id);
  if (coupon == nullptr) {
    return absl::NotFoundError(absl::StrCat("there is no ", CouponName(command.coupon_id)));
  }
  record.coupon_id = command.coupon_id;
  record.held_micros = command.micros;
  record.budget_node = ledger.node_id(coupon->node);
  const absl::string_view path = record.budget_node;
  record.expires_us =
      at_us_ + HoldTimeOf(fold_->setup().rules.get(), path.substr(path.rfind('/') + 1));
  record.caller = command.key.caller;
  record.request_id = command.key.request_id;
  record.request_digest = command.key.digest;
  Entry entry = NextEntry(Kind::kRedemption, coupon->customer, command.micros);
  if (absl::Status refused = fold_->Apply(entry, record); !refused.ok()) {
    if (absl::IsResourceExhausted(refused)) refused.SetPayload(kBudgetExhausted, absl::Cord());
    return refused;
  }
  const uint64_t hold_id = HoldId(entry.seq, 0);
  entry.payload = journal::Encode(record);
  entries_.push_back(std::move(entry));
  return PresentHold(fold_->ledger(), hold_id);
}

absl::Status Sequencer::ReleaseRevoked(uint32_t customer, const journal::EventRecord& event) {
  if (event.type != journal::EventType::kConsent ||
      event.consent != journal::ConsentState::kRevoked) {
    return absl::OkStatus();
  }
  const customers::Profile present = fold_->change().ProfileOf(customer);
  // A revocation that became known late may have been overtaken by a new consent.
  const bool in_force = std::any_of(
      present.consents.begin(), present.consents.end(), [&](const customers::Consent& consent) {
        return consent.channel == event.channel && consent.purpose == event.purpose &&
               consent.state == journal::ConsentState::kRevoked;
      });
  if (!in_force) return absl::OkStatus();
  for (const customers::Contact& contact : present.contacts) {
    if (contact.confirmed || contact.channel != event.channel) continue;
    for (uint32_t placement = 0; placement < kPlacementsOfDecision; ++placement) {
      journal::HoldRecord record;
      record.hold_id = HoldId(contact.decision, placement);
      record.change = journal::HoldChange::kReleased;
      const budget::Hold* hold = fold_->ledger().FindHold(record.hold_id);
      if (hold == nullptr || hold->state != budget::HoldState::kHeld ||
          hold->expires_us <= at_us_ || CampaignOf(fold_->ledger(), *hold) != contact.campaign) {
        continue;
      }
      Entry entry = NextEntry(Kind::kHold, customer, 0);
      TENURE_RETURN_IF_ERROR(fold_->Apply(entry, record));
      entry.payload = journal::Encode(record);
      entries_.push_back(std::move(entry));
    }
  }
  return absl::OkStatus();
}

}  // namespace tenure::engine
