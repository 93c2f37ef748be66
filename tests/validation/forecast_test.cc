// Models against CDNOW's holdout of 39 weeks: Fader, Hardie, Lee 2005 and Batislam et al. 2007.
#include "server/validation/forecast.h"

#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "server/validation/holdout.h"
#include "tests/clv/shared_data.h"

namespace tenure::validation {
namespace {

struct Cohort {
  std::vector<clv::Observation> observations;
  std::vector<double> actual;
};

std::optional<Cohort> ReadCohort() {
  const std::optional<clv::Cdnow> cdnow = clv::ReadCdnow();
  if (!cdnow) return std::nullopt;
  Cohort cohort;
  for (size_t i = 0; i < cdnow->x.size(); ++i) {
    cohort.observations.push_back(
        {cdnow->x[i], cdnow->t_x[i] * 7, cdnow->T[i] * 7, cdnow->spend[i]});
  }
  cohort.actual = cdnow->holdout;
  return cohort;
}

Validation ValidateOn(const Cohort& cohort, const std::string& model) {
  clv::ValueOptions options;
  options.model = model;
  const clv::FittedValue fitted = *clv::FitValueModel(cohort.observations, options);
  const Forecast forecast = *Forecast::Create(*fitted.model, 273);
  const std::vector<Expectation> expected = *forecast.Of(cohort.observations);
  std::vector<HoldoutRow> rows;
  for (size_t i = 0; i < expected.size(); ++i) {
    rows.push_back({cohort.observations[i].frequency, expected[i].purchases, cohort.actual[i]});
  }
  return *Validate(rows, false, 273);
}

// Sums at the precision of the published parameters; the errors by tests/cli's independent closed
// form (Fader, Hardie, Lee 2005, equation 10, by the series of 2F1), to all digits shown.
TEST(Forecast, Cdnow_HasTheSumsAndErrorsOfTheClosedForm) {
  const std::optional<Cohort> cohort = ReadCohort();
  if (!cohort) GTEST_SKIP() << clv::kNoSharedData;
  const Validation bg = ValidateOn(*cohort, "bg_nbd");
  EXPECT_NEAR(bg.purchases.expected, 1653.408, 1e-3);
  EXPECT_EQ(bg.purchases.actual, 1882);
  EXPECT_NEAR(bg.purchases.mean_absolute_error, 0.785454, 1e-6);
  EXPECT_EQ(bg.bins[0].customers, 1411);
  const Validation mbg = ValidateOn(*cohort, "mbg_nbd");
  EXPECT_NEAR(mbg.purchases.expected, 1576.72, 0.01);
  EXPECT_NEAR(mbg.purchases.mean_absolute_error, 0.764779, 1e-6);
}

// Fader, Hardie, Lee 2005's spreadsheet for BG/NBD at (.243, 4.414, .793, 2.426).
TEST(Forecast, PurchasesOfNew_AreThePublishedOnes) {
  clv::ValueParameters parameters;
  parameters.model = "bg_nbd";
  parameters.purchase = {.243, 4.414, .793, 2.426};
  const auto model = *clv::ValueModel::Create(parameters, {});
  const Forecast forecast = *Forecast::Create(*model, 28);
  EXPECT_NEAR(forecast.PurchasesOfNew(7), .0532678911717, 1e-12);
  EXPECT_NEAR(forecast.PurchasesOfNew(21), .150865230893, 1e-12);
  EXPECT_FALSE(forecast.has_spend());
  EXPECT_FALSE(Forecast::Create(*model, 0).ok());
}

TEST(Forecast, Value_IsRevenueWithoutMarginDiscountOrRefunds) {
  clv::ValueParameters parameters;
  parameters.model = "mbg_nbd";
  parameters.purchase = {.5248, 6.183, .8914, 1.614};
  parameters.spend = {6.25, 3.74, 15.44};
  parameters.purchase_log_cov.assign(16, 0);
  parameters.purchase_log_cov[0] = 0.04;
  clv::ValueOptions options;
  options.margin_rate = 0.3;
  options.kept_share = 0.9;
  const auto model = *clv::ValueModel::Create(parameters, options);
  const Forecast forecast = *Forecast::Create(*model, 273);
  const clv::Observation row{2, 213, 272, 22.35};
  const Expectation expected = (*forecast.Of({&row, 1}))[0];
  // Fader, Hardie 2013: E[M] of CDNOW's customer 1 is 24.6596.
  EXPECT_NEAR(expected.value / expected.purchases, 24.6596, 0.01);
  const std::vector<ParameterEstimate> estimates = EstimatesOf(*model);
  ASSERT_EQ(estimates.size(), 7u);
  EXPECT_EQ(estimates[0].name, "r");
  EXPECT_NEAR(estimates[0].standard_error, 0.2 * .5248, 1e-12);
  EXPECT_TRUE(std::isnan(estimates[4].standard_error));
}

}  // namespace
}  // namespace tenure::validation
