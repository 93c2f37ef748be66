#include "tests/plugins/customers.h"

#include <gtest/gtest.h>

#include "tests/plugin_host/test_plugins.h"

namespace tenure::plugin_host {

Batch BatchOf(const std::vector<CustomerRow>& rows) {
  static const auto schema =
      std::make_shared<const Schema>(*Schema::Create({{"p_alive", DType::kDouble},
                                                      {"clv", DType::kDouble},
                                                      {"v_revived", DType::kDouble},
                                                      {"p_purchase_w", DType::kDouble},
                                                      {"at_risk_w", DType::kDouble},
                                                      {"margin_next", DType::kDouble},
                                                      {"days_since_last_purchase", DType::kDouble},
                                                      {"purchases", DType::kInt64},
                                                      {"spend_next", DType::kDouble}}));
  Batch batch(schema, rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    batch.SetDouble(0, i, rows[i].p_alive);
    batch.SetDouble(2, i, rows[i].v_revived);
    batch.SetDouble(3, i, rows[i].p_purchase_w);
    batch.SetDouble(4, i, rows[i].at_risk_w);
    batch.SetDouble(5, i, rows[i].margin_next);
    batch.SetDouble(6, i, rows[i].days_since_last_purchase);
    batch.SetInt64(7, i, rows[i].purchases);
    batch.SetDouble(8, i, rows[i].spend_next);
  }
  return batch;
}

std::shared_ptr<const Policy> ShippedPolicy(const std::string& name, const std::string& params,
                                            std::vector<OfferSpec> offers) {
  const auto plugin = Plugin::Load(ShippedPlugin(name));
  EXPECT_TRUE(plugin.ok()) << plugin.status();
  auto policy = Policy::Create(*plugin, params, std::move(offers));
  EXPECT_TRUE(policy.ok()) << policy.status();
  return *policy;
}

Proposals ProposeFor(const Policy& policy, const std::vector<CustomerRow>& rows) {
  Proposals out;
  const std::vector<uint8_t> eligible(rows.size() * policy.offers().size(), 1);
  const std::vector<uint64_t> seed(rows.size());
  const absl::Status status = policy.Propose(BatchOf(rows), eligible, seed, 0, 0, &out);
  EXPECT_TRUE(status.ok()) << status;
  return out;
}

OfferSpec Mail(std::string id) {
  OfferSpec offer;
  offer.id = std::move(id);
  offer.contact_cost_micros = 10'000;
  return offer;
}

OfferSpec Coupon(std::string id) {
  OfferSpec offer = Mail(std::move(id));
  offer.discount_rate = 0.125;
  offer.max_discount_micros = 10'000'000;
  offer.redemption = 0.8;
  offer.valid_days = 14;
  return offer;
}

}  // namespace tenure::plugin_host
