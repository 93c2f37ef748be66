#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/plugin_host/test_plugins.h"
#include "tests/plugins/customers.h"

namespace tenure::plugin_host {
namespace {

// Mostly dead, silent for 26 weeks: p_alive 0.2, p0 0.04, margin 20, revived 600.
CustomerRow Dormant() {
  CustomerRow row;
  row.p_alive = 0.2;
  row.p_purchase_w = 0.04;
  row.v_revived = 600;
  row.days_since_last_purchase = 182;
  return row;
}

// Priors: revival 0.3 % [0.03, 1] halving every 26 weeks; plain message +5 % [−5, +25].
TEST(WinBack, Mail_IsARevivalAndAnOrderOfTheLiving) {
  const auto policy = ShippedPolicy("win_back", "{}", {Mail()});
  const auto out = ProposeFor(*policy, {Dormant()});
  const Proposal cell = out.at(0, 0);
  ASSERT_EQ(cell.status, ProposalStatus::kOk) << policy->Explain(out, 0, 0);
  // τd = 0.003/2; G = 0.05·0.04·20 + 0.8·0.0015·(20 + 0.5·600) = 0.04 + 0.384
  EXPECT_NEAR(cell.gross_value, 0.424, 1e-12);
  EXPECT_NEAR(cell.p_treated, 0.0432, 1e-12);  // 0.04 + 0.05·0.04 + 0.8·0.0015
  // hypot(0.30/3.2897073·0.8, 0.0097/2/3.2897073·0.8·320) = hypot(0.0729548, 0.3774196)
  EXPECT_NEAR(cell.value_stderr, 0.384406, 1e-6);
}

// Where no dropout is identified P(alive) is 1: the revival vanishes, the living still answer.
TEST(WinBack, AliveForCertain_IsThePlainMessageAlone) {
  const auto policy = ShippedPolicy("win_back", "{}", {Mail()});
  CustomerRow row = Dormant();
  row.p_alive = 1;
  const auto out = ProposeFor(*policy, {row});
  EXPECT_NEAR(out.at(0, 0).gross_value, 0.04, 1e-12);
  EXPECT_NEAR(out.at(0, 0).p_treated, 0.042, 1e-12);
}

TEST(WinBack, CertainlyDead_IsTheRevivalAlone) {
  const auto policy = ShippedPolicy("win_back", "{}", {Mail()});
  CustomerRow row = Dormant();
  row.p_alive = 0;
  row.p_purchase_w = 0;
  EXPECT_NEAR(ProposeFor(*policy, {row}).at(0, 0).gross_value, 0.0015 * 320, 1e-12);
}

constexpr char kLadder[] = R"({"ladder":[{"offer":"first","from_days":91},
                                         {"offer":"second","from_days":182},
                                         {"offer":"third","from_days":364}]})";

TEST(WinBack, Ladder_OffersTheStepThatIsDue) {
  const auto policy = ShippedPolicy("win_back", kLadder,
                                    {Mail("first"), Mail("second"), Mail("third"), Mail("any")});
  CustomerRow early = Dormant(), late = Dormant();
  early.days_since_last_purchase = 90;
  late.days_since_last_purchase = 1'000;
  const auto out = ProposeFor(*policy, {early, Dormant(), late});
  const auto ok = [&](size_t row, size_t offer) {
    return out.at(row, offer).status == ProposalStatus::kOk;
  };
  EXPECT_FALSE(ok(0, 0) || ok(0, 1) || ok(0, 2));
  EXPECT_TRUE(ok(0, 3));
  EXPECT_TRUE(!ok(1, 0) && ok(1, 1) && !ok(1, 2));
  EXPECT_TRUE(!ok(2, 0) && !ok(2, 1) && ok(2, 2));
  EXPECT_THAT(policy->Explain(out, 0, 0), testing::HasSubstr("another step"));
}

TEST(WinBack, Ladder_IsWorthItsStepsByBackwardInduction) {
  const auto policy =
      ShippedPolicy("win_back", kLadder, {Mail("first"), Mail("second"), Mail("third")});
  const auto out = ProposeFor(*policy, {Dormant()});
  // Step 2, now: 0.424. Step 3, at 364 days: τd = 0.00075, S = 0.8·0.00075·320 − 0.01 = 0.182.
  // q of step 2 = 0.8·0.0015 = 0.0012; G = 0.424 + 0.9988·0.182
  EXPECT_NEAR(out.at(0, 1).gross_value, 0.6057816, 1e-12);
  // hypot(0.0729548, 0.3774196 + 0.9988·0.1887098)
  EXPECT_NEAR(out.at(0, 1).value_stderr, 0.570586, 1e-6);
  EXPECT_EQ(out.at(0, 1).expected_cost_micros, 10'000);  // later steps are charged when they come
}

// A contact dearer than any return it may bring adds nothing: the ladder stops before it.
TEST(WinBack, LadderWithADearLastStep_StopsBeforeIt) {
  OfferSpec dear = Mail("third");
  dear.contact_cost_micros = 5'000'000;
  const auto policy = ShippedPolicy("win_back", kLadder, {Mail("first"), Mail("second"), dear});
  EXPECT_NEAR(ProposeFor(*policy, {Dormant()}).at(0, 1).gross_value, 0.424, 1e-12);
}

TEST(WinBack, LadderOfUnknownOfferOrFallingDays_IsRefusedInWords) {
  const auto plugin = Plugin::Load(ShippedPlugin("win_back"));
  ASSERT_TRUE(plugin.ok()) << plugin.status();
  EXPECT_THAT(std::string(Policy::Create(*plugin, kLadder, {Mail("first")}).status().message()),
              testing::HasSubstr("no offer 'second'"));
  const char kFalling[] = R"({"ladder":[{"offer":"a","from_days":9},{"offer":"b","from_days":9}]})";
  EXPECT_THAT(
      std::string(Policy::Create(*plugin, kFalling, {Mail("a"), Mail("b")}).status().message()),
      testing::HasSubstr("must rise"));
}

}  // namespace
}  // namespace tenure::plugin_host
