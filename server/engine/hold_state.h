// Holds as callers see them.
#ifndef TENURE_SERVER_ENGINE_HOLD_STATE_H_
#define TENURE_SERVER_ENGINE_HOLD_STATE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "server/budget/ledger.h"
#include "server/engine/engine.h"
#include "server/journal/records.h"

namespace tenure::engine {

// "holds/0000000000016270": as callers know it, for messages.
std::string HoldName(uint64_t hold_id);
std::string CouponName(uint64_t coupon_id);

// NOT_FOUND.
absl::StatusOr<HoldState> PresentHold(const budget::Ledger& ledger, uint64_t hold_id);
// As it was answered when the record was written, whatever has become of it since.
absl::StatusOr<HoldState> RecordedHold(const budget::Ledger& ledger,
                                       const journal::HoldRecord& record);
absl::StatusOr<HoldState> RecordedHold(const budget::Ledger& ledger, uint64_t hold_id,
                                       const journal::RedemptionRecord& record);

// The campaign that a hold was placed for: the last part of its leaf's path.
absl::string_view CampaignOf(const budget::Ledger& ledger, const budget::Hold& hold);

}  // namespace tenure::engine

#endif  // TENURE_SERVER_ENGINE_HOLD_STATE_H_
