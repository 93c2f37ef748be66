// The contact gates: consent, re-entry, caps, quiet hours. Pure functions of a profile and an
// instant, asked once when candidates are evaluated and again when the sequencer walks.
#ifndef TENURE_SERVER_DECISION_GATES_H_
#define TENURE_SERVER_DECISION_GATES_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/customers/customer.h"
#include "server/rules/rule_set.h"

namespace tenure::decision {

// Whether marketing may use the channel: unknown means no.
bool Consented(const customers::Profile& profile, absl::string_view channel);

// Whether the campaign may come again after what has reached the customer.
bool MayReenter(const rules::Campaign& campaign, const customers::Profile& profile, int64_t at_us);

// The first cap of the rule set that one more contact by `campaign` would break, or null. `taken`
// are the campaigns already chosen in this answer; they count too.
const rules::Cap* FullCap(const rules::RuleSet& rules, const rules::Campaign& campaign,
                          const customers::Profile& profile, absl::string_view stage,
                          absl::Span<const rules::Campaign* const> taken, int64_t at_us);

// When the quiet hours that hold at `at_us` end; nothing outside them.
std::optional<int64_t> QuietUntil(const rules::RuleSet& rules, int64_t at_us);

// Whether the customer is in the global holdout, or in the campaign's own.
bool InGlobalHoldout(const rules::RuleSet& rules, absl::string_view customer_id);
bool InCampaignHoldout(const rules::RuleSet& rules, const rules::Campaign& campaign,
                       absl::string_view customer_id);

}  // namespace tenure::decision

#endif  // TENURE_SERVER_DECISION_GATES_H_
