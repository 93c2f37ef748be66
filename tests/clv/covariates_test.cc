#include "server/clv/covariates.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "server/clv/gamma_gamma.h"
#include "server/clv/prior_request.h"
#include "server/clv/purchase_fit.h"
#include "server/clv/simulate.h"

namespace tenure::clv {
namespace {

struct Base {
  std::vector<PurchaseRow> rows;
  std::vector<double> z;
};

// Customers with a channel (0 or 1) and an age between 20 and 60; `coefficients` as in a fit.
Base Simulated(const ModelKind& kind, const CovariatePlan& plan, const std::vector<double>& truth,
               uint64_t seed, int customers, bool whole_years) {
  Base base;
  for (int i = 0; i < customers; ++i) {
    Random random(seed * 1'000'003 + static_cast<uint64_t>(i));
    const double channel = random.Uniform() < 0.4 ? 1 : 0;
    const double years = 20 + 40 * random.Uniform();
    const std::vector<double> z = {channel, whole_years ? std::floor(years) : years};
    const auto model = *CreatePurchaseModel(kind.name, ParametersAt(kind, plan, truth, z));
    SimulatedCustomer customer;
    const double age = 78 - 26 * random.Uniform();
    Simulator(model, GammaGamma(), seed).Draw(static_cast<uint64_t>(i), age, &customer);
    base.rows.push_back(
        {static_cast<double>(customer.times.size() - 1), customer.times.back(), age});
    base.z.insert(base.z.end(), z.begin(), z.end());
  }
  return base;
}

const CovariatePlan kPlan = CovariatePlan::Both({"channel", "years"});

// Rows are distinct by history and covariates, however few sets of covariates there are.
TEST(Covariates, DistinctRows_AreCountedNotTheSetsOfCovariates) {
  const ModelKind kind = *FindModelKind("nbd");
  const CovariatePlan plan = CovariatePlan::Both({"channel"});
  std::vector<PurchaseRow> rows;
  std::vector<double> z;
  for (int i = 0; i < 1'200; ++i) {
    rows.push_back({static_cast<double>(i % 5), i % 5 > 0 ? 20. : 0., 30. + i % 2});
    z.push_back(i / 10 % 2);
  }
  const ModelFit fit = *FitWithCovariates(kind, plan, rows, z);
  EXPECT_EQ(fit.rows, 1'200);
  EXPECT_EQ(fit.distinct_rows, 20) << fit.VerdictText();
}

TEST(Covariates, SimulatedEffects_AreFoundWithinTheirErrors) {
  for (const char* name : {"nbd", "bg_nbd", "mbg_nbd", "pareto_nbd"}) {
    for (bool whole_years : {true, false}) {
      const ModelKind kind = *FindModelKind(name);
      std::vector<double> truth = {0.9, 12, 0.7, 4};
      if (kind.name == "pareto_nbd") truth[3] = 20;
      truth.resize(kind.parameters.size());
      truth.insert(truth.end(), {0.5, 0.02});
      if (truth.size() > 4) truth.insert(truth.end(), {0.6, -0.01});
      truth.resize(kind.parameters.size() + kPlan.CoefficientNames(kind).size());
      const Base base = Simulated(kind, kPlan, truth, 4, 8000, whole_years);
      const auto fit = FitWithCovariates(kind, kPlan, base.rows, base.z);
      ASSERT_TRUE(fit.ok()) << fit.status();
      ASSERT_EQ(fit->verdict, Verdict::kConverged) << name << " " << fit->VerdictText();
      ASSERT_EQ(fit->parameters.size(), truth.size());
      for (size_t i = 0; i < truth.size(); ++i) {
        EXPECT_NEAR(fit->parameters[i], truth[i], 3.5 * fit->standard_errors[i])
            << name << " " << fit->parameter_names[i];
      }
      const ModelFit without = FitPurchaseModel(kind, *Summary::Create(base.rows));
      EXPECT_GT(fit->log_likelihood, without.log_likelihood + 20);
    }
  }
}

// Held against likelihoods of one row at a time, by the closed forms: the gradient that the search
// follows is 0 exactly where theirs is, and the covariance is their Hessian's inverse.
TEST(Covariates, FitAndCovariance_AreThoseOfFiniteDifferences) {
  for (const char* name : {"nbd", "bg_nbd", "mbg_nbd", "pareto_nbd"}) {
    SCOPED_TRACE(name);
    const ModelKind kind = *FindModelKind(name);
    const CovariatePlan plan = CovariatePlan::Both({"channel", "years"});
    std::vector<double> truth = {0.9, 12, 0.7, kind.name == "pareto_nbd" ? 20.0 : 4.0};
    const size_t own = kind.parameters.size();
    truth.resize(own);
    for (size_t i = 0; i < plan.CoefficientNames(kind).size(); ++i) {
      truth.push_back(i % 2 == 0 ? 0.3 : 0.01);
    }
    const Base base = Simulated(kind, plan, truth, 9, 1500, true);
    const ModelFit fit = *FitWithCovariates(kind, plan, base.rows, base.z);
    ASSERT_TRUE(fit.usable()) << fit.VerdictText();
    const size_t size = fit.parameters.size();
    // Over the logs of the parameters, and the coefficients.
    std::vector<double> best = fit.parameters;
    for (size_t i = 0; i < own; ++i) best[i] = std::log(best[i]);
    const auto likelihood = [&](std::vector<double> at) {
      for (size_t i = 0; i < own; ++i) at[i] = std::exp(at[i]);
      double sum = 0;
      for (size_t i = 0; i < base.rows.size(); ++i) {
        const std::vector<double> z = {base.z[2 * i], base.z[2 * i + 1]};
        const auto model = *CreatePurchaseModel(name, ParametersAt(kind, plan, at, z));
        const PurchaseRow& row = base.rows[i];
        sum += model->RowLogLikelihood({row.frequency, row.recency, row.age});
      }
      return sum;
    };
    EXPECT_NEAR(likelihood(best), fit.log_likelihood, 1e-7 * std::abs(fit.log_likelihood));
    // A step of a four-hundredth of a standard error: the slope's own error is then far below its
    // scale.
    const auto error = [&](size_t i) { return std::sqrt(fit.log_covariance[i * size + i]); };
    const auto moved = [&](size_t i, double by, size_t j, double also) {
      std::vector<double> at = best;
      at[i] += by * error(i);
      at[j] += also * error(j);
      return likelihood(at);
    };
    const double there = likelihood(best);
    for (size_t i = 0; i < size; ++i) {
      const double slope = (moved(i, 0.0025, i, 0) - moved(i, -0.0025, i, 0)) / 0.005;
      EXPECT_NEAR(slope, 0, 2e-3) << fit.parameter_names[i];  // per standard error
    }
    // Σ_k H_ik C_kj = −1 where i = j, with both in standard errors.
    constexpr double kStep = 0.02;
    std::vector<double> hessian(size * size);
    for (size_t i = 0; i < size; ++i) {
      for (size_t j = 0; j < size; ++j) {
        hessian[i * size + j] =
            i == j ? (moved(i, kStep, i, 0) - 2 * there + moved(i, -kStep, i, 0)) / (kStep * kStep)
                   : (moved(i, kStep, j, kStep) - moved(i, kStep, j, -kStep) -
                      moved(i, -kStep, j, kStep) + moved(i, -kStep, j, -kStep)) /
                         (4 * kStep * kStep);
      }
    }
    for (size_t i = 0; i < size; ++i) {
      for (size_t j = 0; j < size; ++j) {
        double product = 0;
        for (size_t k = 0; k < size; ++k) {
          product -= hessian[i * size + k] * fit.log_covariance[k * size + j] / error(k) / error(j);
        }
        EXPECT_NEAR(product, i == j ? 1 : 0, 0.05) << fit.parameter_names[i];
      }
    }
  }
}

// Many customers outvote a weak prior; few are held by it, whatever unit the covariate has.
TEST(Covariates, WeakPrior_YieldsToDataAndHoldsFew) {
  const ModelKind kind = *FindModelKind("mbg_nbd");
  const std::vector<double> truth = {0.9, 12, 0.7, 4, 0.5, 0.02, 0.6, -0.01, 0, 0};
  const auto fit = [&](const Base& base, bool by_map) {
    const Summary summary = *Summary::Create(base.rows);
    const CovariatePrior prior{PriorOf(PriorRequest().TermsOf(kind, summary.scale())), kWeakLogSd};
    return *FitWithCovariates(kind, kPlan, base.rows, base.z, by_map ? &prior : nullptr);
  };
  const Base many = Simulated(kind, kPlan, truth, 4, 8000, true);
  const ModelFit likelihood = fit(many, false);
  const ModelFit map = fit(many, true);
  ASSERT_EQ(map.verdict, Verdict::kConverged) << map.VerdictText();
  for (size_t i = 0; i < truth.size(); ++i) {
    EXPECT_NEAR(map.parameters[i], likelihood.parameters[i], 0.4 * likelihood.standard_errors[i])
        << map.parameter_names[i];
  }
  EXPECT_LT(map.log_likelihood, likelihood.log_likelihood);  // of the data alone
  EXPECT_GT(map.log_likelihood, likelihood.log_likelihood - 1);
  // Nothing that 25 customers say of ten figures tells a maximum of their likelihood.
  Base few = Simulated(kind, kPlan, truth, 6, 25, true);
  const ModelFit held = fit(few, true);
  ASSERT_EQ(held.verdict, Verdict::kConverged) << held.VerdictText();
  for (size_t i = 1; i < few.z.size(); i += 2) few.z[i] = 100 + 365.25 * few.z[i];
  const ModelFit in_days = fit(few, true);
  EXPECT_NEAR(in_days.parameters[5] * 365.25, held.parameters[5], 1e-6);
  EXPECT_NEAR(in_days.log_likelihood, held.log_likelihood, 1e-6);
}

// Shifting and stretching a covariate changes the baseline and the coefficient, nothing else.
TEST(Covariates, UnitOfACovariate_DoesNotMatter) {
  const ModelKind kind = *FindModelKind("mbg_nbd");
  Base base = Simulated(kind, kPlan, {0.9, 12, 0.7, 4, 0.5, 0.02, 0.6, -0.01, 0, 0}, 5, 2000, true);
  const ModelFit years = *FitWithCovariates(kind, kPlan, base.rows, base.z);
  for (size_t i = 1; i < base.z.size(); i += 2) base.z[i] = 100 + 365.25 * base.z[i];
  const ModelFit days = *FitWithCovariates(kind, kPlan, base.rows, base.z);
  EXPECT_NEAR(days.log_likelihood, years.log_likelihood, 1e-6);
  EXPECT_NEAR(days.parameters[5] * 365.25, years.parameters[5], 1e-7);
  const std::vector<double> in_years = ParametersAt(kind, kPlan, years.parameters, {{1, 40}});
  const std::vector<double> in_days =
      ParametersAt(kind, kPlan, days.parameters, {{1, 100 + 365.25 * 40}});
  for (size_t i = 0; i < 4; ++i) EXPECT_NEAR(in_days[i] / in_years[i], 1, 1e-6);
}

TEST(Covariates, OrderOfRows_DoesNotMatter) {
  const ModelKind kind = *FindModelKind("bg_nbd");
  Base base = Simulated(kind, kPlan, {0.9, 12, 0.7, 4, 0.5, 0.02, 0.6, -0.01, 0, 0}, 6, 1500, true);
  const ModelFit forward = *FitWithCovariates(kind, kPlan, base.rows, base.z);
  Base backward;
  for (size_t i = base.rows.size(); i-- > 0;) {
    backward.rows.push_back(base.rows[i]);
    backward.z.insert(backward.z.end(), {base.z[2 * i], base.z[2 * i + 1]});
  }
  const ModelFit reversed = *FitWithCovariates(kind, kPlan, backward.rows, backward.z);
  for (size_t i = 0; i < forward.parameters.size(); ++i) {
    EXPECT_NEAR(reversed.parameters[i] / forward.parameters[i], 1, 1e-9);
  }
}

TEST(Covariates, ConstantOrBrokenColumn_IsRefusedByName) {
  const std::vector<PurchaseRow> rows = {{1, 3, 10}, {0, 0, 12}, {2, 5, 9}};
  const ModelKind kind = *FindModelKind("nbd");
  const auto constant = FitWithCovariates(kind, kPlan, rows, {{0, 5, 1, 5, 0, 5}});
  ASSERT_FALSE(constant.ok());
  EXPECT_NE(constant.status().message().find("`years` is the same"), std::string::npos);
  const auto broken = FitWithCovariates(kind, kPlan, rows, {{0, 5, 1, std::nan(""), 0, 4}});
  ASSERT_FALSE(broken.ok());
  EXPECT_NE(broken.status().message().find("row 1"), std::string::npos) << broken.status();
}

}  // namespace
}  // namespace tenure::clv
