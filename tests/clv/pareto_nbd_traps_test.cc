// What other implementations of Pareto/NBD fall into, one test each, named after what went wrong.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "server/clv/pareto_nbd.h"
#include "server/clv/pareto_nbd_model.h"
#include "server/clv/purchase_fit.h"

namespace tenure::clv {
namespace {

const History kCustomer{2, 30.43, 38.86};

ParetoNbdModel Cdnow(double s = .6061) { return {.5534, 10.5802, s, 11.6562}; }

TEST(ParetoNbdTraps, PoleAtSEqualsOne_HasItsLimit) {
  constexpr double kLimit = 1.18458601974648;
  EXPECT_NEAR(ParetoNbdModel(.55, 10.58, 1, 11.66).ExpectedPurchases(kCustomer, 39), kLimit, 1e-12);
  for (const double off : {1e-12, -1e-12, 1e-8, -1e-8}) {
    const ParetoNbdModel near(.55, 10.58, 1 + off, 11.66);
    EXPECT_NEAR(near.ExpectedPurchases(kCustomer, 39), kLimit, std::abs(off) + 1e-12);
    EXPECT_NEAR(near.ExpectedDiscounted(kCustomer, .0027),
                ParetoNbdModel(.55, 10.58, 1, 11.66).ExpectedDiscounted(kCustomer, .0027),
                20 * std::abs(off) + 1e-12);
  }
}

TEST(ParetoNbdTraps, WholeS_IsNoPoleOfTheDiscountedTail) {
  for (const double s : {1., 2., 3., 5.}) {
    const double at = Cdnow(s).ExpectedDiscounted(kCustomer, .0027);
    const double below = Cdnow(s * (1 - 1e-7)).ExpectedDiscounted(kCustomer, .0027);
    const double above = Cdnow(s * (1 + 1e-7)).ExpectedDiscounted(kCustomer, .0027);
    EXPECT_NEAR((below + above) / 2 / at, 1, 1e-11) << s;
  }
}

TEST(ParetoNbdTraps, TinyTime_DoesNotCancel) {
  const ParetoNbdModel model = Cdnow();
  const double exact = model.PAlive(kCustomer) * 2.5534 / (10.5802 + 38.86);
  EXPECT_NEAR(model.ExpectedPurchases(kCustomer, 1e-9) / 1e-9 / exact, 1, 1e-9);
  // So is the chance to be dead of who has just bought, and that of a purchase in no time.
  EXPECT_NEAR(std::exp(model.LogOddsDead({2, 30, 30 * (1 + 1e-12)})) / (30 * (1 + 1e-12) - 30) /
                  (.6061 / 41.6562),
              1, 1e-9);
  const LomaxRace race = {{2.5534, 49.44}, {.6061, 50.5}};
  EXPECT_NEAR(-race.LogQuiet(1e-9) / 1e-9 / (2.5534 / 49.44), 1, 1e-9);
}

TEST(ParetoNbdTraps, AlphaEqualToBeta_IsOrdinary) {
  // The odds are then s/(r+x+s) [((α+T)/(α+t_x))^(r+x+s) − 1].
  const ParetoNbdModel model(.55, 10, .6, 10);
  const double power = 5.55 + .6;
  const double odds = .6 / power * std::expm1(power * std::log(49. / 30));
  EXPECT_NEAR(model.LogOddsDead({5, 20, 39}), std::log(odds), 1e-12);
  for (const double off : {1e-14, 1e-9, -1e-9, 1e-6}) {
    const ParetoNbdModel near(.55, 10, .6, 10 * (1 + off));
    EXPECT_NEAR(near.LogOddsDead({5, 20, 39}), std::log(odds), 2 * std::abs(off) + 1e-12);
  }
}

TEST(ParetoNbdTraps, RecencyEqualsAge_IsAliveForCertain) {
  EXPECT_EQ(Cdnow().PAlive({2, 38.86, 38.86}), 1);
  EXPECT_EQ(Cdnow().PAlive({132, 200, 200}), 1);
  EXPECT_TRUE(std::isfinite(Cdnow().RowLogLikelihood({132, 200, 200})));
  EXPECT_EQ(Cdnow().PAlive({0, 0, 0}), 1);
}

TEST(ParetoNbdTraps, NoRepeatPurchase_MayBeGone) {
  EXPECT_NEAR(Cdnow().PAlive({0, 0, 38.86}), 0.294961486437042, 1e-12);
}

TEST(ParetoNbdTraps, LargeFrequency_DoesNotOverflow) {
  for (const double x : {200., 1000., 5000., 1e5}) {
    EXPECT_TRUE(std::isfinite(Cdnow().RowLogLikelihood({x, 39, 40}))) << x;
    EXPECT_TRUE(std::isfinite(Cdnow().ExpectedPurchases({x, 39, 40}, 52))) << x;
    EXPECT_TRUE(std::isfinite(Cdnow().LogOddsDead({x, 1, 400}))) << x;
  }
  const std::vector<PurchaseRow> rows = {{1e5, 39, 40}, {1e5, 1, 400}, {0, 0, 40}};
  const Evaluation at = ParetoNbdLogLikelihood(*Summary::Create(rows), {.5, .1, .6, .1});
  EXPECT_TRUE(std::isfinite(at.value));
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_TRUE(std::isfinite(at.gradient[i])) << i;
    for (size_t j = 0; j < 4; ++j) EXPECT_TRUE(std::isfinite(at.hessian[i][j])) << i << j;
  }
}

TEST(ParetoNbdTraps, PowerOfTimesRatio_DoesNotOverflow) {
  EXPECT_EQ(ParetoNbdModel(10.465, .00798565181, 3.0516, 2.82).PAlive({500, 4, 37}), 0);
  EXPECT_TRUE(std::isfinite(Cdnow().LogOddsDead({1e5, 10, 1e5})));
  EXPECT_TRUE(std::isfinite(Cdnow().RowLogLikelihood({1e5, 10, 1e5})));
  EXPECT_EQ(Cdnow().ExpectedPurchases({1e5, 10, 1e5}, 52), 0);
}

TEST(ParetoNbdTraps, HugeSAndBeta_KeepTheDropoutTerm) {
  // s and β huge with s/β = 0.02 are deaths at exactly that rate, r and α huge purchases at 0.1:
  // odds = μ/(λ+μ) (e^((λ+μ)(T−t_x)) − 1).
  const ParetoNbdModel model(1e8, 1e9, 2e8, 1e10);
  const double odds = 0.02 / 0.12 * std::expm1(0.12 * 30);
  EXPECT_NEAR(model.LogOddsDead({2, 10, 40}), std::log(odds), 1e-6);
  EXPECT_NEAR(model.ExpectedPurchases({2, 40, 40}, 1e4) / (0.1 / 0.02), 1, 1e-5);
  const TimeGrid grid = model.Grid({2, 40, 40}, 4, 1e4, 0);
  EXPECT_NEAR(model.ValueIfAlive({2, 40, 40}, grid) / (0.1 / 0.02), 1, 1e-5);
}

TEST(ParetoNbdTraps, LargeDiscountTimesAge_DoesNotBlowUp) {
  // e^z Γ(1−s, z) of the closed form overflows and underflows; the value is about λ/δ.
  for (const double discount : {5., 100., 1e4, 1e8}) {
    const double value = Cdnow().ExpectedDiscounted(kCustomer, discount);
    const double rate = Cdnow().PAlive(kCustomer) * 2.5534 / (10.5802 + 38.86);
    const double z = discount * (11.6562 + 38.86);
    // (1 − s/z + s (s+1)/z² − …)/δ.
    EXPECT_NEAR(value * discount / rate, 1 - .6061 / z + .6061 * 1.6061 / (z * z),
                5 / (z * z * z) + 1e-14);
  }
  EXPECT_TRUE(std::isfinite(Cdnow(.3).ExpectedDiscounted(kCustomer, 1e-12)));
}

TEST(ParetoNbdTraps, DataWithoutDropout_AreNotIdentified) {
  // Evenly spaced buyers who all bought lately: nobody has left.
  std::vector<PurchaseRow> rows;
  for (int i = 0; i < 400; ++i) {
    const double x = 4 + i % 9;
    rows.push_back({x, 100 - 0.5 * (100 / (x + 1)), 100});
  }
  const Summary summary = *Summary::Create(rows);
  const ModelFit nbd = FitPurchaseModel(*FindModelKind("nbd"), summary);
  const ModelFit fit = FitPurchaseModel(*FindModelKind("pareto_nbd"), summary);
  EXPECT_EQ(fit.verdict, Verdict::kNotIdentified) << fit.VerdictText();
  EXPECT_NE(fit.explanation.find("dropout (s, beta)"), std::string::npos) << fit.explanation;
  EXPECT_NEAR(fit.log_likelihood, nbd.log_likelihood, 2);
  const auto model = *CreatePurchaseModel("pareto_nbd", fit.parameters);
  EXPECT_GT(model->ExpectedPurchases({8, 95, 100}, 50), 1);
}

TEST(ParetoNbdTraps, EverybodyLeavesAtOneRate_IsABoundaryThatSaysSo) {
  // Deaths at one rate: s and β run off together.
  const ParetoNbdModel truth(1, 4, 1e9, 2e10);
  std::vector<PurchaseRow> rows;
  Random random(1);
  Life life;
  for (int i = 0; i < 3000; ++i) {
    truth.Draw(60, &random, &life);
    rows.push_back({static_cast<double>(life.times.size()) - 1, life.times.back(), 60});
  }
  const ModelFit fit = FitPurchaseModel(*FindModelKind("pareto_nbd"), *Summary::Create(rows));
  EXPECT_EQ(fit.verdict, Verdict::kBoundary) << fit.VerdictText();
  EXPECT_NE(fit.explanation.find("leave at the same rate"), std::string::npos) << fit.VerdictText();
  EXPECT_TRUE(fit.usable()) << fit.VerdictText();
  EXPECT_NEAR(fit.parameters[2] / fit.parameters[3], 0.05, 0.006);
}

}  // namespace
}  // namespace tenure::clv
