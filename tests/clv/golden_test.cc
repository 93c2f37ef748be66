// Published and independently computed figures for CDNOW, 2,357 customers: Fader, Hardie, Lee 2005
// (BG/NBD), Batislam et al. 2007 (MBG/NBD), Fader, Hardie 2013 (Gamma-Gamma), at the precision of
// docs/clv.md.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "server/clv/beta_geometric_model.h"
#include "server/clv/gamma_gamma.h"
#include "server/clv/purchase_fit.h"
#include "tests/clv/shared_data.h"

namespace tenure::clv {
namespace {

struct Totals {
  double expected = 0;  // Σ purchases in the next 39 weeks
  double alive = 0;     // Σ P(alive)
};

class Golden : public ::testing::Test {
 protected:
  void SetUp() override {
    cdnow_ = ReadCdnow();
    if (!cdnow_) GTEST_SKIP() << kNoSharedData;
    for (size_t i = 0; i < cdnow_->x.size(); ++i) {
      rows_.push_back({cdnow_->x[i], cdnow_->t_x[i], cdnow_->T[i]});
    }
  }
  void Expect(const char* name, const std::vector<double>& parameters, double log_likelihood) {
    const ModelFit fit = FitPurchaseModel(*FindModelKind(name), *Summary::Create(rows_));
    ASSERT_EQ(fit.verdict, Verdict::kConverged) << fit.VerdictText();
    EXPECT_EQ(fit.rows, 2357);
    EXPECT_LT(fit.gradient_norm, 1e-6);
    EXPECT_NEAR(fit.log_likelihood, log_likelihood, 1e-3);
    ASSERT_EQ(fit.parameters.size(), parameters.size());
    for (size_t i = 0; i < parameters.size(); ++i) {
      EXPECT_NEAR(fit.parameters[i] / parameters[i], 1, 1e-3) << fit.parameter_names[i];
    }
    fit_ = fit;
    const auto model = *CreatePurchaseModel(name, fit.parameters);
    for (const PurchaseRow& row : rows_) {
      const History history{row.frequency, row.recency, row.age};
      totals_.expected += model->ExpectedPurchases(history, 39);
      totals_.alive += model->PAlive(history);
    }
  }

  std::optional<Cdnow> cdnow_;
  std::vector<PurchaseRow> rows_;
  ModelFit fit_;
  Totals totals_;
};

TEST_F(Golden, BgNbd_MatchesPublished) {
  Expect("bg_nbd", {0.242595, 4.413602, 0.792920, 2.425888}, -9582.42921);
  const double errors[] = {0.012557, 0.378224, 0.185733, 0.705407};
  for (size_t i = 0; i < 4; ++i) EXPECT_NEAR(fit_.standard_errors[i] / errors[i], 1, 1e-3);
  EXPECT_NEAR(totals_.expected, 1653.408, 0.05);
  EXPECT_NEAR(totals_.alive, 1917.278, 0.05);
}

TEST_F(Golden, MbgNbd_MatchesPublished) {
  Expect("mbg_nbd", {0.524843, 6.183082, 0.891360, 1.614003}, -9582.13571);
  EXPECT_NEAR(totals_.expected, 1576.72, 0.05);
  EXPECT_NEAR(totals_.alive, 1057.63, 0.05);
}

TEST_F(Golden, Nbd_MatchesPublished) { Expect("nbd", {.384766, 12.072014}, -9763.65761); }

TEST_F(Golden, GammaGamma_MatchesPublished) {
  std::vector<SpendRow> rows;
  for (size_t i = 0; i < cdnow_->x.size(); ++i) rows.push_back({cdnow_->x[i], cdnow_->spend[i]});
  const absl::StatusOr<ModelFit> fit = FitGammaGamma(rows);
  ASSERT_TRUE(fit.ok()) << fit.status();
  EXPECT_EQ(fit->verdict, Verdict::kConverged);
  EXPECT_NEAR(fit->log_likelihood, -4055.91769, 1e-3);
  const double expected[] = {6.249349, 3.744256, 15.444307};
  for (size_t i = 0; i < 3; ++i) EXPECT_NEAR(fit->parameters[i] / expected[i], 1, 1e-3);
  // p v/(q − 1) of what was fitted; the note's 35.22 is that of its parameters as printed.
  const GammaGamma fitted{fit->parameters[0], fit->parameters[1], fit->parameters[2]};
  EXPECT_NEAR(fitted.ExpectedSpend(0, 0) / (6.249349 * 15.444307 / 2.744256), 1, 1e-4);
  EXPECT_NEAR(fitted.ExpectedSpend(0, 0), 35.219, 0.06);
  const GammaGamma published{6.25, 3.74, 15.44};
  // Their mean spends are 22.345 and 11.77: the first is printed as 22.35.
  EXPECT_NEAR(published.ExpectedSpend(2, 22.345), 24.6596, 5e-5);
  EXPECT_NEAR(published.ExpectedSpend(1, 11.77), 18.9169, 5e-5);
  EXPECT_NEAR(published.ExpectedSpend(0, 0), 35.2190, 1e-4);
}

// Fader, Hardie's spreadsheet for BG/NBD at (.243, 4.414, .793, 2.426).
TEST(BgNbdPoints, ExpectedPurchasesOfANewCustomer_MatchPublished) {
  const BetaGeometricModel model(Dropout::kAfterRepeat, .243, 4.414, .793, 2.426);
  EXPECT_NEAR(model.ExpectedPurchases({}, 1), .0532678911717, 1e-12);
  EXPECT_NEAR(model.ExpectedPurchases({}, 2), .103389739756, 1e-12);
  EXPECT_NEAR(model.ExpectedPurchases({}, 3), .150865230893, 1e-12);
  EXPECT_NEAR(model.ExpectedPurchases({}, 52), 1.4460505954, 1e-9);
  EXPECT_NEAR(model.ExpectedPurchases({2, 30.43, 38.86}, 39), 1.22602817476714, 1e-13);
  const double alive[] = {.696228885171, .719550903147, .724325362506, .718575551212,
                          .705626847158};
  for (int x = 1; x <= 5; ++x)
    EXPECT_NEAR(model.PAlive({1.0 * x, 30, 39}), alive[x - 1], 1e-11) << x;
}

}  // namespace
}  // namespace tenure::clv
