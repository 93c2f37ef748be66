// Every model, from customers simulated at known parameters: over 400 runs its own 95 % intervals
// must hold the truth in 95 % ± 3 % of them. Slow: ./dev check --slow.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "server/base/hash.h"
#include "server/clv/covariates.h"
#include "server/clv/draw.h"
#include "server/clv/gamma_gamma.h"
#include "server/clv/model_kind.h"
#include "server/clv/purchase_fit.h"

namespace tenure::clv {
namespace {

constexpr int kRuns = 400;
constexpr double kNormal95 = 1.959963984540054;

struct Truth {
  const char* model;
  std::vector<double> parameters;
  int customers;  // enough for the likelihood to be nearly Normal in the logs
  // Observed so long; contracts up to half a period after a renewal was due, when it is seen
  // whether it came.
  double shortest, longest;
};

void PrintTo(const Truth& truth, std::ostream* out) { *out << truth.model; }

class Recovery : public ::testing::TestWithParam<Truth> {};

INSTANTIATE_TEST_SUITE_P(Models, Recovery,
                         ::testing::Values(Truth{"nbd", {0.8, 6}, 1500, 52, 78},
                                           Truth{"bg_nbd", {0.8, 6, 0.9, 3}, 4000, 52, 78},
                                           Truth{"mbg_nbd", {0.8, 6, 0.9, 3}, 4000, 52, 78},
                                           Truth{"cnbd_2", {0.8, 3}, 1500, 52, 78},
                                           Truth{"bg_cnbd_2", {0.8, 3, 0.9, 3}, 4000, 52, 78},
                                           Truth{"mbg_cnbd_3", {0.8, 2, 0.9, 3}, 4000, 52, 78},
                                           Truth{"pareto_nbd", {0.8, 6, 0.8, 20}, 4000, 52, 104},
                                           Truth{"beta_binomial", {1.2, 0.75}, 1500, 8, 8},
                                           Truth{"bg_bb", {1.2, 0.75, 0.66, 2.8}, 4000, 8, 8},
                                           Truth{"sbg", {0.7, 1.2}, 1500, 8.5, 8.5},
                                           Truth{"bdw", {0.7, 1.2, 1.4}, 3000, 8.5, 8.5}),
                         [](const auto& each) { return std::string(each.param.model); });

PurchaseRow Simulated(const PurchaseModel& model, const Truth& truth, Random* random) {
  Life life;
  const double age = truth.shortest + (truth.longest - truth.shortest) * random->Uniform();
  model.Draw(age, random, &life);
  PurchaseRow row{static_cast<double>(life.times.size() - 1), life.times.back(), age, 1, 0};
  for (size_t n = 1; n < life.times.size(); ++n) {
    row.log_intervals += std::log(life.times[n] - life.times[n - 1]);
  }
  return row;
}

TEST_P(Recovery, OwnIntervals_HoldTheTruthIn95Percent) {
  const Truth& truth = GetParam();
  const ModelKind kind = *FindModelKind(truth.model);
  const auto model = *CreatePurchaseModel(truth.model, truth.parameters);
  const size_t size = truth.parameters.size();
  std::vector<int> held(size, 0);
  int converged = 0;
  for (uint64_t run = 0; run < kRuns; ++run) {
    Random random(CombineHash(20261122, run));
    std::vector<PurchaseRow> rows;
    for (int i = 0; i < truth.customers; ++i) rows.push_back(Simulated(*model, truth, &random));
    const ModelFit fit = FitPurchaseModel(kind, *Summary::Create(rows));
    if (fit.verdict != Verdict::kConverged) continue;
    ++converged;
    for (size_t i = 0; i < size; ++i) {
      const double away = std::log(fit.parameters[i] / truth.parameters[i]);
      held[i] += std::abs(away) <= kNormal95 * std::sqrt(fit.log_covariance[i * size + i]);
    }
  }
  EXPECT_GE(converged, 0.99 * kRuns);
  for (size_t i = 0; i < size; ++i) {
    const double share = static_cast<double>(held[i]) / converged;
    EXPECT_NEAR(share, 0.95, 0.03) << kind.parameters[i].name;
    RecordProperty(kind.parameters[i].name, std::to_string(share));
  }
}

// A covariate that moves both processes: the baseline's parameters by their logs, and coefficients.
void ExpectCovariatesRecovered(const Truth& truth, const std::vector<double>& coefficients) {
  const ModelKind kind = *FindModelKind(truth.model);
  const CovariatePlan plan = CovariatePlan::Both({"channel"});
  std::vector<double> parameters = truth.parameters;
  parameters.insert(parameters.end(), coefficients.begin(), coefficients.end());
  const auto there = [&](double z) {
    return *CreatePurchaseModel(kind.name, ParametersAt(kind, plan, parameters, {&z, 1}));
  };
  const auto without = there(0), with = there(1);
  std::vector<int> held(parameters.size(), 0);
  int converged = 0;
  for (uint64_t run = 0; run < kRuns; ++run) {
    Random random(CombineHash(20261124, run));
    std::vector<PurchaseRow> rows;
    std::vector<double> z;
    for (int i = 0; i < truth.customers; ++i) {
      z.push_back(i % 2);
      rows.push_back(Simulated(i % 2 == 0 ? *without : *with, truth, &random));
    }
    const auto fit = FitWithCovariates(kind, plan, rows, z);
    ASSERT_TRUE(fit.ok()) << fit.status();
    if (fit->verdict != Verdict::kConverged) continue;
    ++converged;
    for (size_t i = 0; i < parameters.size(); ++i) {
      const double away = i < truth.parameters.size() ? std::log(fit->parameters[i] / parameters[i])
                                                      : fit->parameters[i] - parameters[i];
      held[i] +=
          std::abs(away) <= kNormal95 * std::sqrt(fit->log_covariance[i * (parameters.size() + 1)]);
    }
  }
  EXPECT_GE(converged, 0.99 * kRuns);
  for (size_t i = 0; i < held.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(held[i]) / converged, 0.95, 0.03) << "parameter " << i;
  }
}

TEST(CovariateRecovery, BgNbd_HoldsTheTruthIn95Percent) {
  ExpectCovariatesRecovered({"bg_nbd", {0.8, 6, 0.9, 3}, 6000, 52, 78}, {0.4, 0.3, 0.1});
}

TEST(CovariateRecovery, ParetoNbd_HoldsTheTruthIn95Percent) {
  ExpectCovariatesRecovered({"pareto_nbd", {0.8, 6, 0.8, 20}, 6000, 52, 104}, {0.4, 0.3});
}

TEST(SpendRecovery, GammaGamma_HoldsTheTruthIn95Percent) {
  const double truth[] = {6.25, 3.74, 15.44};
  int held[3] = {}, converged = 0;
  for (uint64_t run = 0; run < kRuns; ++run) {
    Random random(CombineHash(20261123, run));
    std::vector<SpendRow> rows;
    for (int i = 0; i < 2'000; ++i) {
      const double rate = DrawGamma(truth[1], truth[2], &random);
      const double x = 1 + std::floor(-2.5 * std::log(random.UniformOpen()));
      rows.push_back({x, DrawGamma(truth[0] * x, rate, &random) / x});
    }
    const absl::StatusOr<ModelFit> fit = FitGammaGamma(rows);
    ASSERT_TRUE(fit.ok()) << fit.status();
    if (fit->verdict != Verdict::kConverged) continue;
    ++converged;
    for (size_t i = 0; i < 3; ++i) {
      const double away = std::log(fit->parameters[i] / truth[i]);
      held[i] += std::abs(away) <= kNormal95 * std::sqrt(fit->log_covariance[i * 4]);
    }
  }
  EXPECT_GE(converged, 0.99 * kRuns);
  for (int each : held) EXPECT_NEAR(static_cast<double>(each) / converged, 0.95, 0.03);
}

}  // namespace
}  // namespace tenure::clv
