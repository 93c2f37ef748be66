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

absl::StatusOr<HoldState> PresentHold(const budget::Ledger& ledger, uint64_t hold_id) {
  const budget::Hold* hold = ledger.FindHold(hold_id);
  if (hold == nullptr) return absl::NotFoundError(absl::StrCat("there is no ", HoldName(hold_id)));
  HoldState state;
  state.hold_id = hold_id;
  state.state = NameOf(hold->state);
  state.held_micros = hold->held_micros;
  state.committed_micros = hold->committed_micros;
  state.expires_us = hold->expires_us;
  return state;
}

absl::StatusOr<HoldState> RecordedHold(const budget::Ledger& ledger,
                                       const journal::HoldRecord& record) {
  TENURE_ASSIGN_OR_RETURN(HoldState state, PresentHold(ledger, record.hold_id));
  const bool committed = record.change == journal::HoldChange::kCommitted;
  state.state = NameOf(committed ? budget::HoldState::kCommitted : budget::HoldState::kReleased);
  state.committed_micros = committed ? record.actual_micros : 0;
  return state;
}

absl::string_view CampaignOf(const budget::Ledger& ledger, const budget::Hold& hold) {
  const absl::string_view path = ledger.node_id(hold.node);
  return path.substr(path.rfind('/') + 1);
}

}  // namespace tenure::engine
