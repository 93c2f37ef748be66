// Tiers and their hysteresis: as a function, and as a customer's state.
#include "server/customers/tier.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "server/customers/population.h"
#include "server/rules/features.h"
#include "tests/customers/world.h"

namespace tenure::customers {
namespace {

journal::CutPoints Cuts(double high, double medium) {
  journal::CutPoints cuts;
  cuts.clv_high = high;
  cuts.clv_medium = medium;
  return cuts;
}

TEST(TierOf, ValueWithinTheMargin_KeepsTheTier) {
  const journal::CutPoints cuts = Cuts(100, 50);
  EXPECT_EQ(TierOf(99.9, cuts, Tier::kHigh, 0.05), Tier::kHigh);
  EXPECT_EQ(TierOf(95, cuts, Tier::kHigh, 0.05), Tier::kHigh);
  EXPECT_EQ(TierOf(94.9, cuts, Tier::kHigh, 0.05), Tier::kMedium);
  EXPECT_EQ(TierOf(104.9, cuts, Tier::kMedium, 0.05), Tier::kMedium);
  EXPECT_EQ(TierOf(105, cuts, Tier::kMedium, 0.05), Tier::kHigh);
  EXPECT_EQ(TierOf(47.5, cuts, Tier::kMedium, 0.05), Tier::kMedium);
  EXPECT_EQ(TierOf(47.4, cuts, Tier::kMedium, 0.05), Tier::kLow);
  EXPECT_EQ(TierOf(52.4, cuts, Tier::kLow, 0.05), Tier::kLow);
  EXPECT_EQ(TierOf(104, cuts, Tier::kLow, 0.05), Tier::kMedium);
  EXPECT_EQ(TierOf(105, cuts, Tier::kLow, 0.05), Tier::kHigh);
  EXPECT_EQ(TierOf(47.4, cuts, Tier::kHigh, 0.05), Tier::kLow);
}

TEST(TierOf, WithoutHysteresisOrMemory_IsTheCutPoint) {
  const journal::CutPoints cuts = Cuts(100, 50);
  for (const Tier before : {Tier::kNone, Tier::kLow, Tier::kMedium, Tier::kHigh}) {
    EXPECT_EQ(TierOf(99.99, cuts, before, 0), Tier::kMedium);
    EXPECT_EQ(TierOf(100, cuts, before, 0), Tier::kHigh);
  }
  EXPECT_EQ(TierOf(100, cuts, Tier::kNone, 0.05), Tier::kHigh);
  EXPECT_EQ(TierOf(99.99, cuts, Tier::kNone, 0.05), Tier::kMedium);
}

TEST(TierOf, CutPointOutOfReachOrAtZero_IsNoExceptionToIt) {
  constexpr double kNever = std::numeric_limits<double>::infinity();
  EXPECT_EQ(TierOf(1e300, Cuts(kNever, kNever), Tier::kHigh, 0.05), Tier::kLow);
  EXPECT_EQ(TierOf(0, Cuts(0, 0), Tier::kLow, 0.05), Tier::kHigh);
  EXPECT_EQ(TierOf(std::numeric_limits<double>::quiet_NaN(), Cuts(1, 1), Tier::kHigh), Tier::kNone);
}

TEST(TierName, EveryTier_ComesBack) {
  for (const Tier tier : {Tier::kNone, Tier::kLow, Tier::kMedium, Tier::kHigh}) {
    EXPECT_EQ(TierNamed(TierName(tier)), tier);
  }
}

// A customer of the tier `high`, whose value then stands two percent below or above a cut point.
class TierStateTest : public testing::Test {
 protected:
  TierStateTest() {
    rules = MakeRules({{{"lifecycle", {{"known", "p_alive > 0.0", "", 0, 0}}}}, {}, {}});
    number = ApplyAll("c",
                      {Bought(kStart, 20'000'000), Bought(kStart + 10 * kDay, 20'000'000),
                       Bought(kStart + 20 * kDay, 20'000'000)},
                      {rules, nullptr, {}}, &population);
    Value(0.5);
  }

  double Clv() const {
    double value = 0;
    const Batch row = FeaturesOf(population, number, now, {rules, MakeModel(), {}});
    return row.column(rules::kClv).Double(0) + value;
  }
  // The cut point of `high` as a share of the customer's value.
  void Value(double share) { valuation = {rules, MakeModel(), Cuts(share * Clv(), 0)}; }
  std::string Shown() const {
    return ValueOf(FeaturesOf(population, number, now, valuation), "tier");
  }
  void Visit() { ApplyOne("c", Engagement(now), valuation, &population); }
  void Tick() {
    Change change(&population);
    change.Tick(now, valuation);
    change.Publish();
  }

  Population population;
  std::shared_ptr<const rules::RuleSet> rules;
  Valuation valuation;
  uint32_t number = 0;
  const int64_t now = kStart + 30 * kDay;
};

TEST_F(TierStateTest, EventRemembersTheTier_AndItIsLeftByTheMarginOnly) {
  Value(1.02);
  EXPECT_EQ(Shown(), "medium");
  Value(0.9);
  EXPECT_EQ(Shown(), "high");
  Visit();
  Value(1.02);
  EXPECT_EQ(Shown(), "high");
  Visit();
  Value(1.06);
  EXPECT_EQ(Shown(), "medium");
  Visit();
  Value(0.98);
  EXPECT_EQ(Shown(), "medium");
  Value(0.94);
  EXPECT_EQ(Shown(), "high");
}

TEST_F(TierStateTest, FirstTickAfterAnActivation_RemembersWhatNobodyDid) {
  Value(0.9);
  Tick();
  Value(1.02);
  EXPECT_EQ(Shown(), "high");
  // A later one leaves it: only who is due would be evaluated.
  Value(1.2);
  Tick();
  Value(1.02);
  EXPECT_EQ(Shown(), "high");
}

TEST_F(TierStateTest, DecisionRemembersItsTier) {
  Change change(&population);
  change.SetTier(number, Tier::kHigh);
  change.SetTier(number, Tier::kNone);
  change.Publish();
  Value(1.02);
  EXPECT_EQ(Shown(), "high");
}

TEST_F(TierStateTest, Snapshot_KeepsTheTier) {
  Visit();
  Population restored;
  ASSERT_TRUE(restored.Restore(population.Save()).ok());
  Value(1.02);
  EXPECT_EQ(ValueOf(FeaturesOf(restored, number, now, valuation), "tier"), "high");
  EXPECT_EQ(restored.Save(), population.Save());
}

TEST_F(TierStateTest, TwoValuations_AreComparedWithTheRememberedTierAndTheMargin) {
  Visit();
  const Valuation before = valuation;
  const auto changes = [&](double share) {
    Value(share);
    return population.CompareTiers(now, before, valuation).customers;
  };
  EXPECT_EQ(changes(1.02)[2][2], 1);
  EXPECT_EQ(changes(1.06)[2][1], 1);
  const auto compared = population.CompareTiers(now, before, before);
  EXPECT_NEAR(compared.value_before, Clv(), 1e-6);
  EXPECT_NEAR(compared.value_after, Clv(), 1e-6);
}

}  // namespace
}  // namespace tenure::customers
