#include <gtest/gtest.h>

#include "tests/plugins/customers.h"

namespace tenure::plugin_host {
namespace {

// Priors: loyalty reward +5 % [−5, +20] on orders, and the same band on the dropout prevented.
TEST(Loyalty, Reward_IsAnOrderAndADropoutPrevented) {
  const auto policy = ShippedPolicy("loyalty", "{}", {Mail()});
  const auto out = ProposeFor(*policy, {{}});
  const Proposal cell = out.at(0, 0);
  ASSERT_EQ(cell.status, ProposalStatus::kOk) << policy->Explain(out, 0, 0);
  EXPECT_NEAR(cell.gross_value, 0.9, 1e-12);  // 0.05 · 0.4 · 20 + 0.05 · 10
  // 0.25/3.2897073 · √(8² + 10²) = 0.0759946 · 12.8062485
  EXPECT_NEAR(cell.value_stderr, 0.973206, 1e-6);
  EXPECT_NEAR(cell.p_treated, 0.42, 1e-12);
}

TEST(Loyalty, ValueAtRisk_DecidesAmongEqualBuyers) {
  const auto policy = ShippedPolicy("loyalty", "{}", {Mail()});
  CustomerRow safe, shaky;
  safe.at_risk_w = 0;
  shaky.at_risk_w = 100;
  const auto out = ProposeFor(*policy, {safe, shaky});
  EXPECT_NEAR(out.at(0, 0).gross_value, 0.4, 1e-12);
  EXPECT_NEAR(out.at(1, 0).gross_value, 5.4, 1e-12);
}

TEST(Loyalty, MissingValueAtRisk_IsFiltered) {
  const auto policy = ShippedPolicy("loyalty", "{}", {Mail()});
  Batch batch = BatchOf({{}});
  batch.SetMissing(4, 0);
  Proposals out;
  const std::vector<uint8_t> eligible(1, 1);
  const std::vector<uint64_t> seed(1);
  ASSERT_TRUE(policy->Propose(batch, eligible, seed, 0, 0, &out).ok());
  EXPECT_EQ(out.at(0, 0).status, ProposalStatus::kFilteredMissing);
  EXPECT_NE(policy->Explain(out, 0, 0).find("'at_risk_w'"), std::string::npos);
}

}  // namespace
}  // namespace tenure::plugin_host
