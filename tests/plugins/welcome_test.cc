#include <gtest/gtest.h>

#include "tests/plugins/customers.h"

namespace tenure::plugin_host {
namespace {

// Priors: welcome series +10 % [−5, +40], coupon +15 % [−5, +60]; 2·1.6448536 = 3.2897073.
TEST(Welcome, Mail_IsTheSeriesPriorOfTheNextOrder) {
  const auto policy = ShippedPolicy("welcome", "{}", {Mail()});
  const auto out = ProposeFor(*policy, {{}});
  const Proposal cell = out.at(0, 0);
  ASSERT_EQ(cell.status, ProposalStatus::kOk) << policy->Explain(out, 0, 0);
  EXPECT_NEAR(cell.gross_value, 0.8, 1e-12);       // 0.10 · 0.4 · 20
  EXPECT_NEAR(cell.value_stderr, 1.094323, 1e-6);  // 0.45/3.2897073 · 0.4 · 20
  EXPECT_NEAR(cell.p_baseline, 0.4, 1e-15);
  EXPECT_NEAR(cell.p_treated, 0.44, 1e-12);
  EXPECT_EQ(cell.expected_cost_micros, 10'000);
  EXPECT_EQ(cell.liability_micros, 10'000);
  EXPECT_EQ(cell.basis, ProposalBasis::kAssumed);
}

TEST(Welcome, Coupon_CostsWhatThoseRedeemWhoWouldHaveBoughtAnyway) {
  const auto policy = ShippedPolicy("welcome", "{}", {Mail(), Coupon()});
  const auto out = ProposeFor(*policy, {{}});
  const Proposal cell = out.at(0, 1);
  EXPECT_NEAR(cell.gross_value, 1.2, 1e-12);     // 0.15 · 0.4 · 20
  EXPECT_NEAR(cell.p_treated, 0.46, 1e-12);      // 0.4 + 0.15 · 0.4
  EXPECT_NEAR(cell.expected_cost, 2.31, 1e-12);  // 0.01 + 0.8 · 0.46 · 0.125 · 50
  EXPECT_EQ(cell.liability_micros, 10'010'000);  // the cap and the contact
}

TEST(Welcome, OwnFigures_ReplaceThePriors) {
  const auto policy = ShippedPolicy(
      "welcome", R"({"uplift":0.2,"uplift_low":0.1,"uplift_high":0.3,"pull_forward":0.5})",
      {Mail()});
  const auto out = ProposeFor(*policy, {{}});
  EXPECT_NEAR(out.at(0, 0).gross_value, 0.8, 1e-12);       // 0.2 · 0.4 · 20 · 0.5
  EXPECT_NEAR(out.at(0, 0).value_stderr, 0.243183, 1e-6);  // 0.2/3.2897073 · 0.4 · 20 · 0.5
  EXPECT_NEAR(out.at(0, 0).p_treated, 0.48, 1e-12);        // earlier, but bought within the window
}

TEST(Welcome, CustomerWithTwoPurchases_IsDeclined) {
  const auto policy = ShippedPolicy("welcome", "{}", {Mail()});
  CustomerRow row;
  row.purchases = 2;
  EXPECT_EQ(ProposeFor(*policy, {row}).at(0, 0).status, ProposalStatus::kDeclined);
}

}  // namespace
}  // namespace tenure::plugin_host
