// Decisions and holds, from the engine's words to the contract's.
#ifndef TENURE_SERVER_API_DECISION_CONVERSION_H_
#define TENURE_SERVER_API_DECISION_CONVERSION_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/api/errors.h"
#include "server/decision/explain.h"
#include "server/engine/engine.h"
#include "server/rules/rule_set.h"
#include "tenure/v1/decision.pb.h"

namespace tenure::api {

// `rules` must be the record's own rule set. Thread-safe.
void ConvertDecision(const rules::RuleSet& rules, const engine::Decision& decision,
                     tenure::v1::DecisionView view, tenure::v1::Decision* out);

// Adds sentences and operands to the candidates of a full view.
void ConvertExplanation(const decision::Explanation& explanation, tenure::v1::Decision* out);

// Several lines of plain text for a person. Thread-safe.
std::string ExplanationText(const decision::Explanation& explanation,
                            const tenure::v1::Decision& decision);

// "holds/{id}": 16 hexadecimal digits, the decision's sequence and the placement.
std::string HoldName(uint64_t hold_id);
// 0 with a violation of `field` when it is none.
uint64_t ParseHoldName(absl::string_view field, absl::string_view name, Violations* violations);

// "coupons/{id}", likewise.
std::string CouponName(uint64_t coupon_id);
uint64_t ParseCouponName(absl::string_view field, absl::string_view name, Violations* violations);

void ConvertHold(const engine::HoldState& hold, absl::string_view currency, tenure::v1::Hold* out);

}  // namespace tenure::api

#endif  // TENURE_SERVER_API_DECISION_CONVERSION_H_
