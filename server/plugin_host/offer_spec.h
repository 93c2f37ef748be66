// One offer of a campaign, as the rule set declares it and as a policy sees it.
#ifndef TENURE_SERVER_PLUGIN_HOST_OFFER_SPEC_H_
#define TENURE_SERVER_PLUGIN_HOST_OFFER_SPEC_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace tenure::plugin_host {

struct OfferSpec {
  std::string id;
  int64_t contact_cost_micros = 0;
  double discount_rate = 0;         // share of the next order, 0 to 1
  int64_t discount_micros = 0;      // fixed amount off
  int64_t max_discount_micros = 0;  // the most discount_rate takes off; 0: none stated
  double redemption = 1;            // probability of redeeming given a purchase
  int32_t valid_days = 0;
};

// INVALID_ARGUMENT naming the offer and what is wrong: out of range, or a share of the order
// without a cap, whose liability would have no bound. Thread-safe.
absl::Status CheckOffer(const OfferSpec& offer);

}  // namespace tenure::plugin_host

#endif  // TENURE_SERVER_PLUGIN_HOST_OFFER_SPEC_H_
