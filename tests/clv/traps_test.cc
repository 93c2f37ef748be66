// What other implementations fall into, one test each; figures from docs/clv.md's sources.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "server/clv/beta_geometric_model.h"
#include "server/clv/gamma_gamma.h"
#include "server/clv/purchase_fit.h"

namespace tenure::clv {
namespace {

BetaGeometricModel BgNbd(double a = .793) { return {Dropout::kAfterRepeat, .243, 4.414, a, 2.426}; }

TEST(Traps, PoleAtAEqualsOne_HasItsLimit) {
  EXPECT_NEAR(BgNbd(1).ExpectedPurchases({2, 30.43, 38.86}, 39), 1.10213678603996, 1e-13);
  EXPECT_NEAR(BgNbd(1 + 1e-12).ExpectedPurchases({2, 30.43, 38.86}, 39), 1.10213678603996, 1e-11);
}

TEST(Traps, TinyTime_DoesNotCancel) {
  const BetaGeometricModel model = BgNbd();
  const double rate = model.ExpectedPurchases({2, 30.43, 38.86}, 1e-9) / 1e-9;
  const double exact = model.PAlive({2, 30.43, 38.86}) * (.243 + 2) / (4.414 + 38.86);
  EXPECT_NEAR(rate / exact, 1, 1e-9);
}

TEST(Traps, LargeFrequency_DoesNotOverflow) {
  for (double x : {200., 1000., 5000., 1e5}) {
    EXPECT_TRUE(std::isfinite(BgNbd().RowLogLikelihood({x, 39, 40}))) << x;
    EXPECT_TRUE(std::isfinite(BgNbd().ExpectedPurchases({x, 39, 40}, 52))) << x;
    EXPECT_GE(BgNbd().PAlive({x, 1, 400}), 0) << x;
  }
}

TEST(Traps, PowerOfTimesRatio_DoesNotOverflow) {
  EXPECT_EQ(BgNbd().PAlive({1000, 10, 100}), 0);
  EXPECT_TRUE(std::isfinite(BgNbd().RowLogLikelihood({1000, 10, 100})));
}

TEST(Traps, RecencyEqualsAge_IsOrdinary) {
  const double alive = BgNbd().PAlive({3, 39, 39});
  EXPECT_NEAR(alive, 1 / (1 + .793 / (2.426 + 2)), 1e-14);
}

TEST(Traps, OneTimeBuyer_IsAliveForeverUnderBgButNotUnderMbg) {
  EXPECT_EQ(BgNbd().PAlive({0, 0, 1000}), 1);
  const BetaGeometricModel mbg(Dropout::kAfterEveryPurchase, .243, 4.414, .793, 2.426);
  EXPECT_LT(mbg.PAlive({0, 0, 1000}), 0.5);
  EXPECT_GT(mbg.PAlive({0, 0, 0}), 0.7);
}

TEST(Traps, HugeDropoutParameters_KeepTheDropoutTerm) {
  // a and b huge with a/(a+b) = 0.1 is a dropout of exactly 0.1 after each purchase.
  const BetaGeometricModel model(Dropout::kAfterEveryPurchase, 1, 10, 1e7, 9e7);
  const double odds = 0.1 / 0.9 * std::pow((10. + 40) / (10. + 30), 3);
  EXPECT_NEAR(model.PAlive({2, 30, 40}), 1 / (1 + odds), 1e-6);
  EXPECT_NEAR(model.Alive({2, 30, 40}).ExpectedCount(1e9), 10, 0.2);
}

TEST(Traps, DataWithoutDropout_AreNotIdentified) {
  // Evenly spaced buyers who all bought lately: nobody has left.
  std::vector<PurchaseRow> rows;
  for (int i = 0; i < 400; ++i) {
    const double x = 4 + i % 9;
    rows.push_back({x, 100 - 0.5 * (100 / (x + 1)), 100});
  }
  const Summary summary = *Summary::Create(rows);
  const ModelFit nbd = FitPurchaseModel(*FindModelKind("nbd"), summary);
  for (const char* kind : {"bg_nbd", "mbg_nbd"}) {
    const ModelFit fit = FitPurchaseModel(*FindModelKind(kind), summary);
    EXPECT_EQ(fit.verdict, Verdict::kNotIdentified) << fit.VerdictText();
    EXPECT_NE(fit.explanation.find("dropout"), std::string::npos);
    EXPECT_NEAR(fit.log_likelihood, nbd.log_likelihood, 2);
  }
}

TEST(Traps, NobodyBuysAgain_IsNotIdentified) {
  const std::vector<PurchaseRow> rows(50, PurchaseRow{0, 0, 30});
  const ModelFit fit = FitPurchaseModel(*FindModelKind("bg_nbd"), *Summary::Create(rows));
  EXPECT_EQ(fit.verdict, Verdict::kNotIdentified) << fit.VerdictText();
}

TEST(Traps, GammaGammaWithQBelowOne_HasNoMean) {
  EXPECT_EQ((GammaGamma{6.25, 1, 15.44}.ExpectedSpend(0, 0)), INFINITY);
  EXPECT_EQ((GammaGamma{6.25, .79, 15.44}.ExpectedSpend(0, 0)), INFINITY);
  EXPECT_TRUE(std::isfinite(GammaGamma{6.25, .79, 15.44}.ExpectedSpend(1, 20)));
}

TEST(Traps, NonPositiveMeanSpend_IsRefusedNamingTheRow) {
  for (double spend : {0., -3., 1e200}) {
    const std::vector<SpendRow> rows = {{2, 20}, {1, spend}};
    const absl::StatusOr<ModelFit> fit = FitGammaGamma(rows);
    ASSERT_FALSE(fit.ok());
    EXPECT_NE(fit.status().message().find("row 1"), absl::string_view::npos) << fit.status();
  }
}

TEST(Traps, CorrelatedSpend_IsReported) {
  const std::vector<SpendRow> rows = {{1, 10}, {2, 20}, {3, 30}};
  EXPECT_NEAR(FrequencySpendCorrelation(rows), 1, 1e-12);
}

TEST(Traps, ImpossibleRows_AreRefusedNamingTheRow) {
  for (const PurchaseRow& bad :
       {PurchaseRow{-1, 0, 10}, PurchaseRow{1.5, 3, 10}, PurchaseRow{1e300, 3, 10},
        PurchaseRow{1, 11, 10}, PurchaseRow{0, 3, 10}, PurchaseRow{1, 3, std::nan("")},
        PurchaseRow{1, 3, 10, 0}}) {
    const std::vector<PurchaseRow> rows = {{1, 3, 10}, bad};
    const auto summary = Summary::Create(rows);
    ASSERT_FALSE(summary.ok());
    EXPECT_NE(summary.status().message().find("row 1"), absl::string_view::npos);
  }
}

}  // namespace
}  // namespace tenure::clv
