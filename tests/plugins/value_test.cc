#include "plugins/sdk/value.h"

#include <gtest/gtest.h>

#include "plugins/sdk/ladder.h"
#include "plugins/sdk/response.h"

namespace tenure::sdk {
namespace {

// p_alive 0.6, p0 0.3, margin 20, spend 50, revived 80, at risk 12.
const Customer kCustomer = {0.6, 0.3, 20, 50, 80, 12};

Effect AllOfIt() {
  Effect effect;
  effect.uplift_alive = {0.05, 0.02};
  effect.uplift_revive = {0.01, 0.004};
  effect.pull_forward = 0.25;
  effect.retention = {0.1, 0.03};
  effect.fatigue = 0.002;
  effect.channel_value = 5;
  return effect;
}

Offer Coupon() {
  Offer offer;
  offer.contact_cost = 0.02;
  offer.discount_rate = 0.1;
  offer.max_discount = 8;
  offer.redemption = 0.9;
  offer.liability_micros = 8'020'000;
  return offer;
}

TEST(Value, EveryTerm_IsVALUEsFormula) {
  const Proposal out = Value(kCustomer, AllOfIt(), Coupon());
  // τ = 0.6·0.05 + 0.4·0.01 = 0.034
  EXPECT_DOUBLE_EQ(out.p_treated - out.p_baseline, 0.034);
  // G = 0.6·0.05·20·0.75 + 0.4·0.01·(20 + 0.5·80) + 0.1·12 − 0.002·5 = 0.45 + 0.24 + 1.2 − 0.01
  EXPECT_DOUBLE_EQ(out.gross_value, 1.88);
  // hypot(0.02·0.6·20·0.75, 0.004·0.4·60, 0.03·12) = √(0.18² + 0.096² + 0.36²)
  EXPECT_NEAR(out.value_stderr, 0.4137825516, 1e-9);
  // 0.02 + 0.9·0.334·min(0.1·50, 8) = 0.02 + 1.503
  EXPECT_DOUBLE_EQ(out.expected_cost, 1.523);
  EXPECT_EQ(out.liability_micros, 8'020'000);
  EXPECT_EQ(out.basis, TENURE_BASIS_ASSUMED);
}

// Where the model knows no dropout, P(alive) is 1: nothing is revived and what the living do
// stands.
TEST(Value, AliveForCertain_HasNoRevivalAndNoDivisionByZero) {
  Customer customer = kCustomer;
  customer.p_alive = 1;
  const Effect effect = AllOfIt();
  EXPECT_DOUBLE_EQ(Uplift(customer, effect), 0.05);
  EXPECT_DOUBLE_EQ(WorthOfRevival(customer, effect), 0);
  customer.p_alive = 0;
  customer.p_purchase = 0;
  EXPECT_EQ(RelativeUplift(customer, {0.5, 0.1}).value, 0);
  EXPECT_DOUBLE_EQ(Uplift(customer, effect), 0.01);
}

TEST(RelativeUplift, Extremes_LeaveAProbability) {
  Customer sure = kCustomer;
  sure.p_purchase = 0.58;  // 0.9667 if alive
  Effect effect;
  effect.uplift_alive = RelativeUplift(sure, {0.5, 0.1});
  EXPECT_NEAR(TreatedProbability(sure, effect), 0.6, 1e-12);  // alive, so they buy; no more
  effect.uplift_alive = RelativeUplift(sure, {-5, 0.1});
  EXPECT_NEAR(TreatedProbability(sure, effect), 0, 1e-12);
}

TEST(Offer, Discount_IsCappedAndItsDepthAShare) {
  Offer offer = Coupon();
  EXPECT_DOUBLE_EQ(offer.DiscountOn(50), 5);
  EXPECT_DOUBLE_EQ(offer.DiscountOn(500), 8);
  EXPECT_DOUBLE_EQ(offer.Depth(50), 0.1);
  EXPECT_DOUBLE_EQ(offer.Depth(500), 0.016);
  offer.discount = 100;
  EXPECT_DOUBLE_EQ(offer.Depth(50), 1);
  EXPECT_DOUBLE_EQ(Offer{}.Depth(50), 0);
}

constexpr char kSchema[] = R"({"properties": {
  "uplift": {"default": 0.05}, "uplift_low": {"default": -0.05}, "uplift_high": {"default": 0.25},
  "coupon_uplift": {"default": 0.15}, "coupon_uplift_low": {"default": -0.05},
  "coupon_uplift_high": {"default": 0.6}, "pull_forward": {"default": 0},
  "fatigue": {"default": 0}, "channel_value": {"default": 0}}})";

TEST(Response, Depth_RisesFromPlainThroughTheCouponAndSaturates) {
  const Response response(Params(kSchema, "{}"));
  EXPECT_DOUBLE_EQ(response.Relative(0).value, 0.05);
  EXPECT_NEAR(response.Relative(0).standard_error, 0.30 / 3.2897072539, 1e-9);
  EXPECT_DOUBLE_EQ(response.Relative(0.125).value, 0.15);
  EXPECT_NEAR(response.Relative(0.125).standard_error, 0.65 / 3.2897072539, 1e-9);
  // f(0.25) = (1 − e^−2) / (1 − e^−1) = 1.3678794412
  EXPECT_NEAR(response.Relative(0.25).value, 0.05 + 0.1 * 1.3678794412, 1e-10);
  EXPECT_NEAR(response.Relative(1).value, 0.05 + 0.1 * 1.5814460, 1e-6);
}

TEST(ParamsBand, ValueOutsideItsBand_IsRefused) {
  EXPECT_THROW(Params(kSchema, R"({"uplift": 0.3})").Band("uplift"), Error);
  EXPECT_NO_THROW(Params(kSchema, R"({"uplift": 0.3, "uplift_high": 0.4})").Band("uplift"));
}

TEST(LadderValue, BackwardInduction_StopsAtZero) {
  LadderValue value;
  value.Precede({{-1, 0.5}, 0.1});  // not worth taking: V = 0, and no error with it
  EXPECT_EQ(value.value().value, 0);
  EXPECT_EQ(value.value().standard_error, 0);
  value.Precede({{2, 0.5}, 0.2});  // V = 2 + 0.8·0
  EXPECT_DOUBLE_EQ(value.value().value, 2);
  value.Precede({{-0.5, 0.25}, 0.1});  // V = −0.5 + 0.9·2: worth it for what comes after
  EXPECT_DOUBLE_EQ(value.value().value, 1.3);
  EXPECT_DOUBLE_EQ(value.value().standard_error, 0.25 + 0.9 * 0.5);
}

}  // namespace
}  // namespace tenure::sdk
