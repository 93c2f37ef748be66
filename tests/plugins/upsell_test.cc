#include <gtest/gtest.h>

#include "tests/plugins/customers.h"

namespace tenure::plugin_host {
namespace {

CustomerRow Repeat() {
  CustomerRow row;
  row.purchases = 4;
  return row;
}

// Prior: plain message +5 % [−5, +25] of the window's margin, half of it as larger baskets.
TEST(Upsell, Mail_IsHalfExtraOrdersHalfLargerBaskets) {
  const auto policy = ShippedPolicy("upsell", "{}", {Mail()});
  const auto out = ProposeFor(*policy, {Repeat()});
  const Proposal& cell = out.at(0, 0);
  ASSERT_EQ(cell.status, ProposalStatus::kOk) << policy->Explain(out, 0, 0);
  EXPECT_NEAR(cell.gross_value, 0.4, 1e-12);       // 0.05 · 0.4 · 20
  EXPECT_NEAR(cell.p_treated, 0.41, 1e-12);        // 0.4 + half of 0.05 · 0.4
  EXPECT_NEAR(cell.value_stderr, 0.729548, 1e-6);  // 0.30/3.2897073 · 0.4 · 20
}

TEST(Upsell, PullForward_TakesFromTheExtraOrdersAlone) {
  const auto policy =
      ShippedPolicy("upsell", R"({"pull_forward":0.5,"larger_basket_share":0.75})", {Mail()});
  // 0.4 · (0.75 + 0.25 · 0.5)
  EXPECT_NEAR(ProposeFor(*policy, {Repeat()}).at(0, 0).gross_value, 0.35, 1e-12);
}

TEST(Upsell, CustomerWithOnePurchase_IsDeclined) {
  const auto policy = ShippedPolicy("upsell", "{}", {Mail()});
  EXPECT_EQ(ProposeFor(*policy, {{}}).at(0, 0).status, ProposalStatus::kDeclined);
}

}  // namespace
}  // namespace tenure::plugin_host
