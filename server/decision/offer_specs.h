// Offers of the rules as a policy sees them.
#ifndef TENURE_SERVER_DECISION_OFFER_SPECS_H_
#define TENURE_SERVER_DECISION_OFFER_SPECS_H_

#include <vector>

#include "absl/types/span.h"
#include "server/plugin_host/offer_spec.h"
#include "server/rules/rule_set.h"

namespace tenure::decision {

// In the same order. Thread-safe.
std::vector<plugin_host::OfferSpec> OfferSpecs(absl::Span<const rules::Offer> offers);

}  // namespace tenure::decision

#endif  // TENURE_SERVER_DECISION_OFFER_SPECS_H_
