// Money after the decision: refunds, coupons, carry-over, customers' limits, smaller offers. Every
// test ends with the proof that counters, holds and journal agree, and with the same state from the
// journal as from memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/engine/shop.h"

namespace tenure::engine {
namespace {

using absl::StatusCode;
using testing::HasSubstr;
constexpr int64_t kUnit = 1'000'000;

// One campaign with one offer, a contact of 1.00 and 9.00 off, on a budget of so much; `budget` and
// `offer` add keys.
std::string CouponYaml(int64_t limit, const std::string& offer, const std::string& budget = "") {
  return absl::StrCat(R"(
name: shop
currency: USD
zone: UTC
tracks:
  - id: lifecycle
    stages: [{id: any, enter: purchases >= 0}]
budgets:
  - {id: lifecycle, period: month, limit: )",
                      limit, ", unplanned: 0, segments: [{id: everybody}]", budget, R"(}
campaigns:
  - id: coupon
    class: service
    channel: email
    plugin: steady
    offers:
      - {id: ten, contact_cost: 1.00, discount: 9.00, valid_days: 20)",
                      offer, "}\n    budget: lifecycle\n");
}

class MoneyTest : public testing::Test {
 protected:
  void SetUp() override { shop_.Open(); }
  void TearDown() override {
    EXPECT_TRUE(shop_.Verify().ok()) << shop_.Verify().status();
    shop_.Close();
    const std::string bytes = shop_.SnapshotBytes();
    shop_.RemoveSnapshot();
    shop_.Open();
    EXPECT_TRUE(shop_.Verify().ok()) << shop_.Verify().status();
    shop_.Close();
    EXPECT_TRUE(shop_.SnapshotBytes() == bytes) << "a full fold gives another state";
  }
  void Publish(const std::string& yaml) {
    const auto published = shop_.Publish(ShopRulesOf(yaml));
    ASSERT_TRUE(published.ok()) << published.status();
  }
  void AddCustomers(int count) {
    for (int c = 1; c <= count; ++c) {
      ASSERT_TRUE(shop_.Ingest({Purchase(absl::StrCat("c", c), absl::StrCat("e", c))}).ok());
    }
  }
  uint64_t Held(const std::string& customer = "c1") { return HoldOf(shop_.Decide(customer)); }
  Shop shop_;
};

class RefundTest : public MoneyTest {
 protected:
  void SetUp() override {
    MoneyTest::SetUp();
    Publish(ShopYaml(2));
    AddCustomers(1);
  }
};

TEST_F(RefundTest, InParts_GivesBackWhatWasSpentAndNoMore) {
  const uint64_t hold = Held();
  EXPECT_EQ(shop_.RefundHold(hold, 1).status().code(), StatusCode::kFailedPrecondition);
  ASSERT_TRUE(shop_.CommitHold(hold, 900'000).ok());
  EXPECT_EQ(shop_.RefundHold(hold, 900'001).status().code(), StatusCode::kOutOfRange);
  EXPECT_EQ(shop_.RefundHold(hold, 0).status().code(), StatusCode::kOutOfRange);
  const auto part = shop_.RefundHold(hold, 300'000);
  ASSERT_TRUE(part.ok()) << part.status();
  EXPECT_EQ(part->state, "COMMITTED");
  EXPECT_EQ(part->refunded_micros, 300'000);
  EXPECT_EQ(shop_.Balance().committed_micros, 600'000);
  EXPECT_EQ(shop_.Balance().refunded_micros, 300'000);
  EXPECT_EQ(shop_.RefundHold(hold, 600'000)->state, "REFUNDED");
  EXPECT_EQ(shop_.RefundHold(hold, 1).status().code(), StatusCode::kOutOfRange);
  EXPECT_EQ(shop_.Balance().committed_micros, 0);
  EXPECT_EQ(shop_.RefundHold(12'345, 1).status().code(), StatusCode::kNotFound);
}

TEST_F(RefundTest, AfterThePeriod_IsCreditedToTheOriginalOne) {
  const uint64_t hold = Held();
  ASSERT_TRUE(shop_.CommitHold(hold, kUnit).ok());
  shop_.clock.Advance(32 * kMicrosPerDay);
  ASSERT_TRUE(shop_.Tick().ok());
  ASSERT_TRUE(shop_.RefundHold(hold, 400'000).ok());
  const std::vector<BudgetBalance> periods = shop_.History();
  ASSERT_EQ(periods.size(), 2u);
  EXPECT_EQ(periods[0].committed_micros, 600'000);
  EXPECT_EQ(periods[0].refunded_micros, 400'000);
  EXPECT_EQ(periods[1].committed_micros, 0);
  EXPECT_EQ(periods[1].refunded_micros, 0);
}

TEST_F(RefundTest, CancelledOrder_GivesTheUseBackExactlyOnce) {
  const uint64_t hold = Held();
  ASSERT_TRUE(shop_.CommitHold(hold, kUnit, "order").ok());
  const auto first = shop_.RefundHold(hold, 400'000, "cancel");
  const auto again = shop_.RefundHold(hold, 400'000, "cancel");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->refunded_micros, first->refunded_micros);
  EXPECT_EQ(shop_.Balance().committed_micros, 600'000);
  shop_.Close();
  shop_.Open();
  EXPECT_TRUE(shop_.RefundHold(hold, 400'000, "cancel").ok());
  EXPECT_EQ(shop_.Balance().committed_micros, 600'000);
  ASSERT_TRUE(shop_.RefundHold(hold, 600'000, "rest").ok());
  // The repeat is answered as it was then.
  EXPECT_EQ(shop_.RefundHold(hold, 400'000, "cancel")->state, "COMMITTED");
  EXPECT_EQ(shop_.RefundHold(hold, 400'000, "cancel")->refunded_micros, 400'000);
}

TEST_F(RefundTest, RetryWithAnotherBody_IsRefusedByItsField) {
  const uint64_t hold = Held();
  ASSERT_TRUE(shop_.CommitHold(hold, kUnit).ok());
  ASSERT_TRUE(shop_.RefundHold(hold, 1, "r", "amount_micros=1").ok());
  const auto other = shop_.RefundHold(hold, 2, "r", "amount_micros=2");
  EXPECT_EQ(other.status().code(), StatusCode::kAlreadyExists);
  EXPECT_THAT(std::string(other.status().message()), HasSubstr("amount_micros"));
  EXPECT_EQ(shop_.Balance().refunded_micros, 1);
}

TEST_F(RefundTest, CommitRacingExpiry_ExactlyOneWins) {
  const uint64_t in_time = Held(), late = Held();
  shop_.clock.Advance(15 * 60 * kMicrosPerSecond - 1);
  EXPECT_TRUE(shop_.CommitHold(in_time, kUnit).ok());
  shop_.clock.Advance(1);
  EXPECT_EQ(shop_.CommitHold(late, kUnit).status().code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(shop_.GetHold(late)->state, "EXPIRED");
  EXPECT_EQ(shop_.Balance().committed_micros, kUnit);
  EXPECT_EQ(shop_.Balance().held_micros, 0);
}

TEST_F(MoneyTest, AtRedemption_HoldsTheContactAndTheDiscountWhenRedeemed) {
  Publish(CouponYaml(12, ", reserve: at_redemption"));
  AddCustomers(2);
  const auto decision = shop_.Decide("c1");
  const uint64_t coupon = HoldOf(decision);
  ASSERT_NE(coupon, 0u);
  const journal::SelectionRecord& selection = decision->record.selections[0];
  EXPECT_EQ(selection.held_micros, kUnit);
  EXPECT_EQ(selection.coupon_micros, 9 * kUnit);
  EXPECT_EQ(selection.coupon_expires_us, decision->at_us + 20 * kMicrosPerDay);
  ASSERT_TRUE(shop_.CommitHold(coupon, kUnit).ok());
  const uint64_t other = Held("c2");
  EXPECT_EQ(shop_.Redeem(coupon, 9 * kUnit + 1).status().code(), StatusCode::kOutOfRange);
  EXPECT_EQ(shop_.Redeem(77'777, 1).status().code(), StatusCode::kNotFound);
  const auto held = shop_.Redeem(coupon, 9 * kUnit, "r");
  ASSERT_TRUE(held.ok()) << held.status();
  EXPECT_EQ(held->state, "HELD");
  EXPECT_EQ(held->coupon_id, coupon);
  EXPECT_EQ(shop_.Redeem(coupon, 9 * kUnit, "r")->hold_id, held->hold_id);
  // 1 spent, 1 and 9 held, of 12.
  const auto refused = shop_.Redeem(other, 2 * kUnit);
  EXPECT_EQ(refused.status().code(), StatusCode::kResourceExhausted);
  EXPECT_TRUE(refused.status().GetPayload(kBudgetExhausted).has_value());
  ASSERT_TRUE(shop_.CommitHold(held->hold_id, 5 * kUnit).ok());
  EXPECT_TRUE(shop_.Redeem(other, 2 * kUnit).ok());
}

TEST_F(MoneyTest, TwoStepCheckout_RedeemedTwice_HoldsOnce) {
  Publish(CouponYaml(100, ", reserve: at_redemption"));
  AddCustomers(1);
  const uint64_t coupon = Held();
  const auto first = shop_.Redeem(coupon, 9 * kUnit, "checkout");
  ASSERT_TRUE(first.ok());
  const auto second = shop_.Redeem(coupon, 9 * kUnit, "other checkout");
  EXPECT_EQ(second.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("by another call"));
  ASSERT_TRUE(shop_.CommitHold(first->hold_id, 4 * kUnit).ok());
  EXPECT_THAT(std::string(shop_.Redeem(coupon, kUnit).status().message()), HasSubstr("already"));
  // A part that comes back leaves it redeemed, all of it gives the use back, once.
  ASSERT_TRUE(shop_.RefundHold(first->hold_id, kUnit, "part").ok());
  EXPECT_FALSE(shop_.Redeem(coupon, kUnit).ok());
  ASSERT_TRUE(shop_.RefundHold(first->hold_id, 3 * kUnit, "rest").ok());
  ASSERT_TRUE(shop_.RefundHold(first->hold_id, 3 * kUnit, "rest").ok());
  EXPECT_TRUE(shop_.Redeem(coupon, kUnit).ok());
  EXPECT_FALSE(shop_.Redeem(coupon, kUnit).ok());
}

TEST_F(MoneyTest, FailedHook_LeaksNoUse) {
  Publish(CouponYaml(10, ", reserve: at_redemption"));
  AddCustomers(1);
  const uint64_t coupon = Held();
  ASSERT_TRUE(shop_.CommitHold(coupon, kUnit).ok());
  // The shop reserves, its payment fails, and nobody says so.
  ASSERT_TRUE(shop_.Redeem(coupon, 9 * kUnit).ok());
  EXPECT_FALSE(shop_.Redeem(coupon, 9 * kUnit).ok());
  shop_.clock.Advance(16 * 60 * kMicrosPerSecond);
  EXPECT_EQ(shop_.Balance().limit_micros, 10 * kUnit);
  const auto again = shop_.Redeem(coupon, 9 * kUnit);
  ASSERT_TRUE(again.ok()) << again.status();
  // Or it says so.
  ASSERT_TRUE(shop_.ReleaseHold(again->hold_id).ok());
  EXPECT_EQ(shop_.Balance().held_micros, 0);
  EXPECT_TRUE(shop_.Redeem(coupon, 9 * kUnit).ok());
}

TEST_F(MoneyTest, Coupon_AfterItsValidityOrNeverSent_IsWorthNothing) {
  Publish(CouponYaml(100, ", reserve: at_redemption"));
  AddCustomers(2);
  const uint64_t never_sent = Held("c1"), coupon = Held("c2");
  ASSERT_TRUE(shop_.ReleaseHold(never_sent).ok());
  EXPECT_EQ(shop_.Redeem(never_sent, kUnit).status().code(), StatusCode::kFailedPrecondition);
  shop_.clock.Advance(20 * kMicrosPerDay - 1);
  const auto last = shop_.Redeem(coupon, kUnit);
  ASSERT_TRUE(last.ok()) << last.status();
  ASSERT_TRUE(shop_.ReleaseHold(last->hold_id).ok());
  shop_.clock.Advance(1);
  EXPECT_EQ(shop_.Redeem(coupon, kUnit).status().code(), StatusCode::kFailedPrecondition);
}

TEST_F(MoneyTest, CouponOfTheMonthBefore_IsHeldInTheMonthItIsRedeemedIn) {
  Publish(CouponYaml(100, ", reserve: at_redemption"));
  AddCustomers(1);
  shop_.clock.Advance(30 * kMicrosPerDay);
  const uint64_t coupon = Held();
  ASSERT_TRUE(shop_.CommitHold(coupon, kUnit).ok());
  shop_.clock.Advance(2 * kMicrosPerDay);
  ASSERT_TRUE(shop_.Redeem(coupon, 9 * kUnit).ok());
  const std::vector<BudgetBalance> periods = shop_.History();
  ASSERT_EQ(periods.size(), 2u);
  EXPECT_EQ(periods[0].committed_micros, kUnit);
  EXPECT_EQ(periods[1].held_micros, 9 * kUnit);
}

TEST_F(MoneyTest, Liability_IsHeldUntilTheCouponsValidityEnds) {
  Publish(CouponYaml(10, ""));
  AddCustomers(2);
  ASSERT_NE(Held("c1"), 0u);
  shop_.clock.Advance(20 * kMicrosPerDay - 1);
  EXPECT_EQ(Held("c2"), 0u);
  shop_.clock.Advance(1);
  EXPECT_NE(Held("c2"), 0u);
}

TEST_F(MoneyTest, Clamp_HoldsWhatIsLeftAndSaysWhatWasAsked) {
  Publish(CouponYaml(15, ", on_insufficient: clamp"));
  AddCustomers(3);
  ASSERT_NE(Held("c1"), 0u);
  const auto smaller = shop_.Decide("c2");
  ASSERT_NE(HoldOf(smaller), 0u);
  EXPECT_EQ(smaller->record.selections[0].held_micros, 5 * kUnit);
  EXPECT_EQ(smaller->record.selections[0].asked_micros, 10 * kUnit);
  EXPECT_EQ(shop_.CommitHold(HoldOf(smaller), 6 * kUnit).status().code(), StatusCode::kOutOfRange);
  EXPECT_EQ(Held("c3"), 0u);
  EXPECT_EQ(shop_.Balance().held_micros, 15 * kUnit);
}

TEST_F(MoneyTest, Clamp_WhereOnlyTheContactIsLeft_SelectsNothing) {
  Publish(CouponYaml(11, ", on_insufficient: clamp"));
  AddCustomers(2);
  ASSERT_NE(Held("c1"), 0u);
  EXPECT_EQ(Held("c2"), 0u);
}

TEST_F(MoneyTest, PerCustomer_StopsOneAndNotTheOthers) {
  Publish(CouponYaml(100, "", ", per_customer: 25"));
  AddCustomers(2);
  const uint64_t first = Held("c1");
  ASSERT_NE(first, 0u);
  ASSERT_NE(Held("c1"), 0u);
  const auto third = shop_.Decide("c1");
  ASSERT_EQ(HoldOf(third), 0u);
  EXPECT_EQ(third->record.texts.back(), "lifecycle per customer");
  EXPECT_NE(Held("c2"), 0u);
  ASSERT_TRUE(shop_.CommitHold(first, 3 * kUnit).ok());
  EXPECT_NE(Held("c1"), 0u);
  EXPECT_EQ(Held("c1"), 0u);
  ASSERT_TRUE(shop_.RefundHold(first, 3 * kUnit).ok());
  // Begun or lifted in the middle of a period, it counts what is there.
  Publish(CouponYaml(100, ""));
  EXPECT_NE(Held("c1"), 0u);
  Publish(CouponYaml(100, "", ", per_customer: 25"));
  EXPECT_EQ(Held("c1"), 0u);
}

TEST_F(MoneyTest, CarryOver_AddsWhatIsLeftAndLeavesWhatIsHeld) {
  Publish(CouponYaml(30, "", ", carry_over: unspent"));
  AddCustomers(1);
  shop_.clock.Advance(29 * kMicrosPerDay);
  ASSERT_TRUE(shop_.CommitHold(Held(), 4 * kUnit).ok());
  const uint64_t over_the_end = Held();
  ASSERT_NE(over_the_end, 0u);
  shop_.clock.Advance(4 * kMicrosPerDay);
  ASSERT_TRUE(shop_.Tick().ok());
  // 30 − 4 spent − 10 held are left.
  EXPECT_EQ(shop_.Balance().limit_micros, 46 * kUnit);
  ASSERT_TRUE(shop_.CommitHold(over_the_end, kUnit).ok());
  EXPECT_EQ(shop_.Balance().limit_micros, 46 * kUnit);
  EXPECT_EQ(shop_.History()[0].committed_micros, 5 * kUnit);
  // New limits in the middle of the period keep what was carried.
  Publish(CouponYaml(40, "", ", carry_over: unspent"));
  EXPECT_EQ(shop_.Balance().limit_micros, 56 * kUnit);
  shop_.Close();
  shop_.Open();
  Publish(CouponYaml(20, "", ", carry_over: unspent, max_carry_over: 7"));
  EXPECT_EQ(shop_.Balance().limit_micros, 36 * kUnit);
  shop_.clock.Advance(28 * kMicrosPerDay);
  ASSERT_TRUE(shop_.Tick().ok());
  EXPECT_EQ(shop_.Balance().limit_micros, 27 * kUnit);
}

TEST_F(MoneyTest, WithoutCarryOver_ANewPeriodHasItsDeclaredLimit) {
  Publish(CouponYaml(30, ""));
  AddCustomers(1);
  shop_.clock.Advance(32 * kMicrosPerDay);
  ASSERT_TRUE(shop_.Tick().ok());
  EXPECT_EQ(shop_.Balance().limit_micros, 30 * kUnit);
}

TEST_F(MoneyTest, LimitLoweredBelowWhatIsHeld_BlocksUntilItFits) {
  Publish(CouponYaml(30, ""));
  AddCustomers(1);
  const uint64_t first = Held(), second = Held();
  ASSERT_NE(second, 0u);
  Publish(CouponYaml(15, ""));
  EXPECT_TRUE(shop_.Balance().overcommitted);
  const auto proof = shop_.Verify();
  ASSERT_TRUE(proof.ok()) << proof.status();
  EXPECT_THAT(*proof, testing::HasSubstr("nothing was held over a limit"));
  EXPECT_THAT(*proof, testing::HasSubstr("over since the limit was lowered: "));
  EXPECT_EQ(Held(), 0u);
  ASSERT_TRUE(shop_.CommitHold(first, 2 * kUnit).ok());
  EXPECT_FALSE(shop_.Balance().overcommitted);
  EXPECT_EQ(Held(), 0u);
  ASSERT_TRUE(shop_.ReleaseHold(second).ok());
  EXPECT_NE(Held(), 0u);
}

}  // namespace
}  // namespace tenure::engine
