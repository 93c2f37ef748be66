#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "server/clv/beta_geometric_model.h"
#include "server/clv/gamma_gamma.h"
#include "server/clv/pareto_nbd_model.h"
#include "server/clv/purchase_fit.h"
#include "server/clv/simulate.h"
#include "server/clv/value_model.h"

namespace tenure::clv {
namespace {

const BetaGeometricModel kMbg(Dropout::kAfterEveryPurchase, 0.8, 6, 0.9, 3);
const GammaGamma kSpend{6.25, 3.74, 15.44};

// Customers joining over half a year, in weeks, and their purchases in the 26 weeks after.
struct Shop {
  std::vector<PurchaseRow> rows;
  std::vector<Observation> observations;
  std::vector<double> holdout;
};

Shop Simulate(const PurchaseModel& model, uint64_t seed, uint64_t customers) {
  const Simulator simulator(*CreatePurchaseModel(model.name(), model.parameters()), kSpend, seed);
  Shop shop;
  SimulatedCustomer customer;
  for (uint64_t i = 0; i < customers; ++i) {
    const double age = 78 - 26 * simulator.UniformOf(i, 1);
    simulator.Draw(i, age + 26, &customer);
    double x = 0, t_x = 0, spend = 0, later = 0;
    for (size_t k = 1; k < customer.times.size(); ++k) {
      if (customer.times[k] > age) {
        ++later;
        continue;
      }
      x += 1;
      t_x = customer.times[k];
      spend += customer.spends[k];
    }
    shop.rows.push_back({x, t_x, age});
    shop.observations.push_back({x, t_x * 7, age * 7, x > 0 ? spend / x : std::nan("")});
    shop.holdout.push_back(later);
  }
  return shop;
}

TEST(Fit, SimulatedCustomers_GiveTheirParametersBack) {
  const BetaGeometricModel nbd(Dropout::kNever, 0.8, 6);
  const BetaGeometricModel bg(Dropout::kAfterRepeat, 0.8, 6, 0.9, 3);
  const ParetoNbdModel pareto(0.8, 6, 0.9, 10);
  for (const PurchaseModel* truth :
       std::initializer_list<const PurchaseModel*>{&nbd, &bg, &kMbg, &pareto}) {
    for (uint64_t seed : {1, 2}) {
      const Shop shop = Simulate(*truth, seed, 6000);
      const ModelFit fit =
          FitPurchaseModel(*FindModelKind(truth->name()), *Summary::Create(shop.rows));
      ASSERT_EQ(fit.verdict, Verdict::kConverged) << fit.VerdictText() << " seed " << seed;
      const absl::Span<const double> expected = truth->parameters();
      for (size_t i = 0; i < fit.parameters.size(); ++i) {
        EXPECT_NEAR(fit.parameters[i], expected[i], 3.5 * fit.standard_errors[i])
            << fit.model << " " << fit.parameter_names[i] << " seed " << seed;
        EXPECT_LT(fit.standard_errors[i], 0.5 * expected[i]);
      }
    }
  }
}

TEST(Fit, ParetoNbd_DependsOnNeitherUnitNorOrderNorGrouping) {
  const Shop shop = Simulate(ParetoNbdModel(0.8, 6, 0.9, 10), 3, 2000);
  const ModelKind kind = *FindModelKind("pareto_nbd");
  const ModelFit fit = FitPurchaseModel(kind, *Summary::Create(shop.rows));
  ASSERT_EQ(fit.verdict, Verdict::kConverged) << fit.VerdictText();
  std::vector<PurchaseRow> in_days = shop.rows;
  for (PurchaseRow& row : in_days) row.recency *= 7, row.age *= 7;
  std::vector<PurchaseRow> reversed(shop.rows.rbegin(), shop.rows.rend());
  std::vector<PurchaseRow> halves = shop.rows;
  halves.insert(halves.end(), shop.rows.begin(), shop.rows.end());
  for (PurchaseRow& row : halves) row.weight = 0.5;
  const double units[] = {1, 7, 1, 7};
  for (const std::vector<PurchaseRow>* rows : {&in_days, &reversed, &halves}) {
    const ModelFit again = FitPurchaseModel(kind, *Summary::Create(*rows));
    for (size_t i = 0; i < 4; ++i) {
      const double unit = rows == &in_days ? units[i] : 1;
      EXPECT_NEAR(again.parameters[i] / fit.parameters[i] / unit, 1, 1e-9);
      EXPECT_NEAR(again.standard_errors[i] / fit.standard_errors[i] / unit, 1, 1e-7);
    }
  }
}

TEST(Fit, OrderOfRows_DoesNotMatter) {
  Shop shop = Simulate(kMbg, 3, 2000);
  const ModelFit fit = FitPurchaseModel(*FindModelKind("mbg_nbd"), *Summary::Create(shop.rows));
  std::reverse(shop.rows.begin(), shop.rows.end());
  const ModelFit again = FitPurchaseModel(*FindModelKind("mbg_nbd"), *Summary::Create(shop.rows));
  for (size_t i = 0; i < 4; ++i) EXPECT_NEAR(fit.parameters[i] / again.parameters[i], 1, 1e-12);
}

TEST(Fit, TimeUnit_ScalesAlphaAlone) {
  Shop shop = Simulate(kMbg, 4, 2000);
  const ModelFit weeks = FitPurchaseModel(*FindModelKind("mbg_nbd"), *Summary::Create(shop.rows));
  double purchases = 0;
  for (PurchaseRow& row : shop.rows) {
    row.recency *= 7;
    row.age *= 7;
    purchases += row.frequency;
  }
  const ModelFit days = FitPurchaseModel(*FindModelKind("mbg_nbd"), *Summary::Create(shop.rows));
  const double scale[] = {1, 7, 1, 1};
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(days.parameters[i] / weeks.parameters[i], scale[i], 1e-7);
    EXPECT_NEAR(days.standard_errors[i] / weeks.standard_errors[i], scale[i], 1e-6);
  }
  EXPECT_NEAR(days.log_likelihood, weeks.log_likelihood - purchases * std::log(7), 1e-6);
}

TEST(Fit, Weights_CountAsRepeatedRows) {
  Shop shop = Simulate(kMbg, 5, 1500);
  std::vector<PurchaseRow> twice = shop.rows;
  twice.insert(twice.end(), shop.rows.begin(), shop.rows.end());
  for (PurchaseRow& row : shop.rows) row.weight = 2;
  const ModelFit repeated = FitPurchaseModel(*FindModelKind("mbg_nbd"), *Summary::Create(twice));
  const ModelFit weighted =
      FitPurchaseModel(*FindModelKind("mbg_nbd"), *Summary::Create(shop.rows));
  EXPECT_EQ(repeated.distinct_rows, weighted.distinct_rows);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(repeated.parameters[i] / weighted.parameters[i], 1, 1e-9);
    EXPECT_NEAR(repeated.standard_errors[i] / weighted.standard_errors[i], 1, 1e-7);
  }
}

TEST(Fit, ManyDistinctRows_StartFromAFewAndEndTheSame) {
  const Shop shop = Simulate(kMbg, 6, 70'000);
  const ModelFit fit = FitPurchaseModel(*FindModelKind("mbg_nbd"), *Summary::Create(shop.rows));
  EXPECT_GT(fit.distinct_rows, 40'000);
  ASSERT_EQ(fit.verdict, Verdict::kConverged) << fit.VerdictText();
  EXPECT_LE(fit.iterations, 6);
  const absl::Span<const double> expected = kMbg.parameters();
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(fit.parameters[i], expected[i], 3.5 * fit.standard_errors[i]);
  }
}

TEST(Fit, SameRateForEverybody_IsABoundary) {
  // Steadier than Poisson purchases at one rate: r and alpha run off together.
  std::vector<PurchaseRow> rows;
  for (int i = 0; i < 300; ++i) rows.push_back({5. + i % 3, 45, 50. + 10 * (i % 3)});
  const ModelFit fit = FitPurchaseModel(*FindModelKind("nbd"), *Summary::Create(rows));
  EXPECT_EQ(fit.verdict, Verdict::kBoundary) << fit.VerdictText();
  EXPECT_NEAR(fit.parameters[0] / fit.parameters[1], 0.1, 0.005);
  EXPECT_NE(fit.explanation.find("same rate"), std::string::npos) << fit.explanation;
}

// Equal spends: the likelihood rises with p for ever, and with q where all customers are alike.
TEST(Fit, EqualSpends_AreABoundaryThatIsReached) {
  for (const double other : {20., 20.5}) {
    std::vector<SpendRow> rows;
    for (int i = 0; i < 150; ++i) rows.push_back({1. + i % 4, i < 75 ? 20 : other});
    const ModelFit fit = *FitGammaGamma(rows);
    EXPECT_EQ(fit.verdict, Verdict::kBoundary) << fit.VerdictText();
    EXPECT_NE(fit.explanation.find("no more than a simpler model"), std::string::npos)
        << fit.explanation;
    EXPECT_LT(fit.gradient_norm, 1e-6) << fit.VerdictText();
    EXPECT_FALSE(fit.standard_errors.size());
  }
}

TEST(FitValueModel, EqualSpends_SaySoAndValueAnOrderAtThem) {
  Shop shop = Simulate(kMbg, 12, 1500);
  for (Observation& row : shop.observations) row.mean_spend = row.frequency > 0 ? 20 : NAN;
  const auto fitted = FitValueModel(shop.observations, {});
  ASSERT_TRUE(fitted.ok()) << fitted.status();
  EXPECT_NE(fitted->report.fallback.find("spend"), std::string::npos) << fitted->report.fallback;
  EXPECT_TRUE(fitted->model->parameters().fallback);
  ValueFeatures features{};
  const Observation row{3, 100, 200, 20};
  fitted->model->Compute({&row, 1}, {&features, 1});
  EXPECT_NEAR(features.margin_next, 20, 1e-3);
}

Surface Curve(double value, double slope, double bend) {
  Surface surface(1);
  surface.value = value;
  surface.gradient[0] = slope;
  surface.hessian(0, 0) = bend;
  return surface;
}

// −(x − 1)².
Surface Parabola(const Point& at) {
  const double d = at[0] - 1;
  return Curve(-d * d, -2 * d, -2);
}

TEST(Maximize, StartAtTheMaximum_HasConverged) {
  const Maximum found = Maximize(Parabola, {1}, 1);
  EXPECT_EQ(found.iterations, 0);
  EXPECT_TRUE(found.converged);
  EXPECT_EQ(Describe("x", {"p"}, found).verdict, Verdict::kConverged);
}

TEST(Maximize, RisingForEver_EndsAtTheBoundWithNoGradientLeft) {
  const auto rising = [](const Point& at) { return Curve(at[0], 1, -1e-3); };
  const Maximum found = Maximize(rising, {0}, 1);
  EXPECT_TRUE(found.converged);
  EXPECT_EQ(found.gradient_norm, 0);
  EXPECT_NEAR(found.at[0], kLogBound, 1e-9);
  EXPECT_EQ(Describe("x", {"p"}, found).verdict, Verdict::kBoundary);
}

// A ridge that is climbed too slowly to arrive: reported where it stands, not one step before.
TEST(Maximize, OutOfIterations_ReportsTheGradientWhereItStands) {
  const auto slowing = [](const Point& at) { return Curve(at[0], 2 - at[0], -1e3); };
  const Maximum found = Maximize(slowing, {0}, 1);
  EXPECT_FALSE(found.converged);
  EXPECT_NEAR(found.gradient_norm, 2 - found.at[0], 1e-12);
  const ModelFit fit = Describe("x", {"p"}, found);
  EXPECT_EQ(fit.verdict, Verdict::kFailed);
  EXPECT_NE(fit.explanation.find("200 iterations"), std::string::npos) << fit.explanation;
}

TEST(Describe, FlatOptimum_BlamesTheHessian) {
  Maximum flat;
  flat.at = {0};
  flat.surface = Surface(1);
  flat.converged = true;
  flat.iterations = 3;
  const ModelFit fit = Describe("x", {"p"}, flat);
  EXPECT_EQ(fit.verdict, Verdict::kFailed);
  EXPECT_NE(fit.explanation.find("not negative definite"), std::string::npos) << fit.explanation;
}

TEST(FitValueModel, ShopWithChurn_ChoosesMbgAndChecksTheHoldout) {
  const Shop shop = Simulate(kMbg, 8, 5000);
  const auto fitted = FitValueModel(shop.observations, {}, shop.holdout, 182);
  ASSERT_TRUE(fitted.ok()) << fitted.status();
  EXPECT_EQ(fitted->report.chosen, "mbg_nbd") << fitted->report.why;
  EXPECT_EQ(fitted->report.fallback, "");
  EXPECT_EQ(fitted->model->options().model, "mbg_nbd");
  ASSERT_EQ(fitted->report.holdout.size(), 4u);
  EXPECT_NEAR(fitted->report.holdout[2].expected / fitted->report.holdout[2].actual, 1, 0.08);
  EXPECT_LT(std::abs(fitted->report.frequency_spend_correlation), 0.05);
  EXPECT_EQ(fitted->report.spend.standard_errors.size(), 3u);
}

TEST(FitValueModel, ShopWhoseCustomersLeaveUnseen_ChoosesParetoAndSaysWhy) {
  const Shop shop = Simulate(ParetoNbdModel(0.8, 4, 0.9, 10), 8, 8000);
  const auto fitted = FitValueModel(shop.observations, {});
  ASSERT_TRUE(fitted.ok()) << fitted.status();
  EXPECT_EQ(fitted->report.chosen, "pareto_nbd") << fitted->report.why;
  EXPECT_NE(fitted->report.why.find("rather than MBG/NBD"), std::string::npos)
      << fitted->report.why;
  EXPECT_EQ(fitted->report.fallback, "");
}

// The holdout overrules the likelihood where its total is nearer by more than its own spread.
TEST(FitValueModel, HoldoutFarFromTheLikelier_ChoosesTheOther) {
  Shop shop = Simulate(kMbg, 8, 5000);
  const auto by_likelihood = FitValueModel(shop.observations, {}, shop.holdout, 182);
  ASSERT_TRUE(by_likelihood.ok()) << by_likelihood.status();
  ASSERT_EQ(by_likelihood->report.chosen, "mbg_nbd") << by_likelihood->report.why;
  const HoldoutCheck& mbg = by_likelihood->report.holdout[2];
  const HoldoutCheck& pareto = by_likelihood->report.holdout[3];
  for (double& each : shop.holdout) each *= pareto.expected > mbg.expected ? 1.5 : 0.5;
  const auto by_holdout = FitValueModel(shop.observations, {}, shop.holdout, 182);
  ASSERT_TRUE(by_holdout.ok()) << by_holdout.status();
  EXPECT_EQ(by_holdout->report.chosen, "pareto_nbd") << by_holdout->report.why;
  EXPECT_NE(by_holdout->report.why.find("holdout's"), std::string::npos) << by_holdout->report.why;
}

TEST(FitValueModel, ShopWithoutChurn_ChoosesNbdAndSaysWhy) {
  const Shop shop = Simulate(BetaGeometricModel(Dropout::kNever, 2, 12), 9, 1500);
  const auto fitted = FitValueModel(shop.observations, {});
  ASSERT_TRUE(fitted.ok()) << fitted.status();
  EXPECT_EQ(fitted->report.chosen, "nbd") << fitted->report.why;
  EXPECT_NE(fitted->report.why.find("don't show"), std::string::npos) << fitted->report.why;
}

TEST(FitValueModel, FewCustomers_FallBackAloud) {
  const Shop shop = Simulate(kMbg, 10, 60);
  const auto fitted = FitValueModel(shop.observations, {});
  ASSERT_TRUE(fitted.ok()) << fitted.status();
  EXPECT_NE(fitted->report.fallback, "");
  EXPECT_TRUE(fitted->model->parameters().fallback);
  ValueFeatures features{};
  fitted->model->Compute({&shop.observations[0], 1}, {&features, 1});
  EXPECT_TRUE(std::isfinite(features.clv));
}

TEST(FitValueModel, NobodyBoughtAgain_StillGivesAModel) {
  const std::vector<Observation> rows(5, Observation{0, 0, 30, std::nan("")});
  const auto fitted = FitValueModel(rows, {});
  ASSERT_TRUE(fitted.ok()) << fitted.status();
  EXPECT_NE(fitted->report.fallback, "");
}

TEST(FitValueModel, RefundsAsMeanSpend_AreLeftOutAndCounted) {
  Shop shop = Simulate(kMbg, 11, 1000);
  int64_t refunds = 0;
  for (Observation& row : shop.observations) {
    if (row.frequency > 0 && refunds < 7) {
      row.mean_spend = -1;
      ++refunds;
    }
  }
  const auto fitted = FitValueModel(shop.observations, {});
  ASSERT_TRUE(fitted.ok()) << fitted.status();
  EXPECT_EQ(fitted->report.spend_rows_left_out, 7);
}

}  // namespace
}  // namespace tenure::clv
