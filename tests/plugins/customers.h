// Customers for the policies' tests, in the columns that the server offers.
#ifndef TENURE_TESTS_PLUGINS_CUSTOMERS_H_
#define TENURE_TESTS_PLUGINS_CUSTOMERS_H_

#include <memory>
#include <string>
#include <vector>

#include "server/batch/batch.h"
#include "server/plugin_host/policy.h"

namespace tenure::plugin_host {

struct CustomerRow {
  double p_alive = 0.8, p_purchase_w = 0.4, margin_next = 20, spend_next = 50, v_revived = 60,
         at_risk_w = 10, days_since_last_purchase = 30;
  int64_t purchases = 1;
};

Batch BatchOf(const std::vector<CustomerRow>& rows);

// The shipped policy with these parameters; the test fails with its words when it is refused.
std::shared_ptr<const Policy> ShippedPolicy(const std::string& name, const std::string& params,
                                            std::vector<OfferSpec> offers);

// All rows × offers eligible; the test fails when the call does.
Proposals ProposeFor(const Policy& policy, const std::vector<CustomerRow>& rows);

OfferSpec Mail(std::string id = "mail");      // 0.01 a contact
OfferSpec Coupon(std::string id = "coupon");  // 12.5 % of at most 10, 0.01 a contact, 80 % redeem

}  // namespace tenure::plugin_host

#endif  // TENURE_TESTS_PLUGINS_CUSTOMERS_H_
