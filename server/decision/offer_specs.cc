#include "server/decision/offer_specs.h"

namespace tenure::decision {

std::vector<plugin_host::OfferSpec> OfferSpecs(absl::Span<const rules::Offer> offers) {
  std::vector<plugin_host::OfferSpec> specs;
  specs.reserve(offers.size());
  for (const rules::Offer& offer : offers) {
    specs.push_back({offer.id, offer.contact_cost_micros, offer.discount_rate,
                     offer.discount_micros, offer.max_discount_micros, offer.redemption,
                     offer.valid_days});
  }
  return specs;
}

}  // namespace tenure::decision
