// What other implementations fall into, one test each; figures from docs/clv.md's sources.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "server/clv/beta_geometric_model.h"
#include "server/clv/gamma_gamma.h"
#include "server/clv/model_choice.h"
#include "server/clv/purchase_fit.h"
#include "server/clv/simulate.h"
#include "server/clv/value_model.h"

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

// What `auto` then says of itself, docs/clv.md.
TEST(Traps, OnlyBgNbdHasAFit_AutoTakesItAndWarnsOfOneTimeBuyers) {
  FitReport report;
  const auto add = [&report](const char* name, Verdict verdict, double log_likelihood) {
    ModelFit fit;
    fit.model = name;
    fit.verdict = verdict;
    fit.log_likelihood = log_likelihood;
    report.purchase.push_back(fit);
  };
  add("nbd", Verdict::kConverged, -1000);
  add("bg_nbd", Verdict::kConverged, -950);
  add("mbg_nbd", Verdict::kFailed, -940);
  add("pareto_nbd", Verdict::kNotIdentified, -940);
  std::string why;
  ASSERT_NE(ChooseModel(report, &why), nullptr);
  EXPECT_EQ(ChooseModel(report, &why)->model, "bg_nbd");
  EXPECT_NE(why.find("P(alive) = 1 for every one-time buyer"), std::string::npos) << why;
  report.purchase[2].verdict = Verdict::kConverged;
  EXPECT_EQ(ChooseModel(report, &why)->model, "mbg_nbd");
  EXPECT_NE(why.find("lets one-time buyers be gone"), std::string::npos) << why;
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

// Spends whose spread over customers has no mean: q = 0.6.
std::vector<SpendRow> SpendsWithoutMean() {
  constexpr uint64_t kSeed = 27;
  const Simulator simulator(*CreatePurchaseModel("nbd", std::vector<double>{2, 10}),
                            GammaGamma{6.25, .6, 15.44}, kSeed);
  std::vector<SpendRow> rows;
  SimulatedCustomer customer;
  for (uint64_t i = 0; i < 2'000; ++i) {
    simulator.Draw(i, 40, &customer);
    const auto x = static_cast<double>(customer.times.size() - 1);
    double spend = 0;
    for (size_t n = 1; n < customer.times.size(); ++n) spend += customer.spends[n];
    if (x > 0 && IsSpend(spend / x)) rows.push_back({x, spend / x});
  }
  return rows;
}

TEST(Traps, GammaGammaFitWithQBelowOne_IsNotIdentified) {
  const absl::StatusOr<ModelFit> fit = FitGammaGamma(SpendsWithoutMean());
  ASSERT_TRUE(fit.ok()) << fit.status();
  EXPECT_LE(fit->parameters[1], 1);
  EXPECT_EQ(fit->verdict, Verdict::kNotIdentified) << fit->VerdictText();
  EXPECT_FALSE(fit->usable());
  EXPECT_NE(fit->explanation.find("q <= 1"), std::string::npos) << fit->explanation;
}

TEST(Traps, ValueModelWithQBelowOne_IsRefusedOrPooled) {
  ValueParameters known;
  known.model = "nbd";
  known.purchase = {2, 10};
  for (const double q : {1., .6}) {
    known.spend = {6.25, q, 15.44};
    const auto model = ValueModel::Create(known, {});
    ASSERT_EQ(model.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_NE(model.status().message().find("q must be above 1"), absl::string_view::npos);
  }
  // A fit of values takes the pooled mean instead, which exists.
  std::vector<Observation> rows;
  for (const SpendRow& row : SpendsWithoutMean()) {
    rows.push_back({row.frequency, 200, 280, row.mean_spend});
  }
  ValueOptions options;
  options.model = "nbd";
  const auto fitted = FitValueModel(rows, options);
  ASSERT_TRUE(fitted.ok()) << fitted.status();
  EXPECT_EQ(fitted->report.spend.verdict, Verdict::kNotIdentified);
  EXPECT_GT(fitted->model->parameters().spend[1], 1);
  const Observation nobody{0, 0, 280, std::nan("")};
  ValueFeatures features{};
  fitted->model->Compute({&nobody, 1}, {&features, 1});
  EXPECT_TRUE(std::isfinite(features.clv) && std::isfinite(features.spend_next));
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
