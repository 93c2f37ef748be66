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
  const Proposal cell = out.at(0, 0);
  ASSERT_EQ(cell.status, ProposalStatus::kOk) << policy->Explain(out, 0, 0);
  EXPECT_NEAR(cell.gross_value, 0.4, 1e-12);       // 0.05 · 0.4 · 20
  EXPECT_NEAR(cell.p_treated, 0.41, 1e-12);        // 0.4 + half of 0.05 · 0.4
  EXPECT_NEAR(cell.value_stderr, 0.729548, 1e-6);  // 0.30/3.2897073 · 0.4 · 20
}

// u = 0.05, half of it baskets: p0·0.025·100, and min(0.025·p0, 1 − p0)·100 of extra orders.
TEST(Upsell, SurestBuyers_KeepTheWholeBasketTerm) {
  const auto policy = ShippedPolicy("upsell", "{}", {Mail()});
  std::vector<CustomerRow> rows;
  for (const double p0 : {0.90, 0.97, 0.99, 1.00}) {
    rows.push_back(Repeat());
    rows.back().p_alive = 1;
    rows.back().p_purchase_w = p0;
    rows.back().margin_next = 100;
  }
  const auto out = ProposeFor(*policy, rows);
  EXPECT_NEAR(out.at(0, 0).gross_value, 4.5, 1e-9);
  EXPECT_NEAR(out.at(1, 0).gross_value, 4.85, 1e-9);
  EXPECT_NEAR(out.at(2, 0).gross_value, 3.475, 1e-9);
  EXPECT_NEAR(out.at(3, 0).gross_value, 2.5, 1e-9);
  EXPECT_NEAR(out.at(1, 0).p_treated, 0.99425, 1e-12);
  EXPECT_NEAR(out.at(3, 0).p_treated, 1, 1e-12);
}

TEST(Upsell, WholeUpliftAsBaskets_MovesNoProbability) {
  const auto policy = ShippedPolicy("upsell", R"({"larger_basket_share":1})", {Mail()});
  CustomerRow sure = Repeat();
  sure.p_alive = sure.p_purchase_w = 1;
  sure.margin_next = 100;
  const auto out = ProposeFor(*policy, {sure});
  EXPECT_NEAR(out.at(0, 0).gross_value, 5, 1e-9);
  EXPECT_EQ(out.at(0, 0).p_treated, 1);
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
