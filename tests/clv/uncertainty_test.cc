// What a fit doesn't know: draws and totals. The bootstrap as their reference is in bootstrap_test.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "server/clv/laplace.h"
#include "server/clv/model_kind.h"
#include "server/clv/simulate.h"
#include "server/clv/total_value.h"
#include "tests/clv/coverage.h"

namespace tenure::clv {
namespace {

TEST(LaplaceSampler, Draws_HaveTheMedianAndCovariance) {
  const std::vector<double> at = {2, 30}, covariance = {0.04, -0.03, -0.03, 0.09};
  const LaplaceSampler sampler = *LaplaceSampler::Create(at, covariance);
  Random random(3);
  double mean[2] = {}, product[2][2] = {};
  const int draws = 20'000;
  for (int draw = 0; draw < draws; ++draw) {
    const std::vector<double> drawn = sampler.Draw(&random);
    const double log[2] = {std::log(drawn[0] / 2), std::log(drawn[1] / 30)};
    for (int i = 0; i < 2; ++i) {
      mean[i] += log[i] / draws;
      for (int j = 0; j < 2; ++j) product[i][j] += log[i] * log[j] / draws;
    }
  }
  for (int i = 0; i < 2; ++i) {
    EXPECT_NEAR(mean[i], 0, 0.01);
    for (int j = 0; j < 2; ++j) {
      EXPECT_NEAR(product[i][j], covariance[static_cast<size_t>(2 * i + j)], 0.004);
    }
  }
}

TEST(LaplaceSampler, NoCovariance_DrawsTheEstimates) {
  Random random(1);
  const std::vector<double> at = {2, 30};
  EXPECT_EQ(LaplaceSampler::Create(at, {})->Draw(&random), at);
  EXPECT_FALSE(LaplaceSampler::Create(at, {1, 2, 2, 1}).ok());
}

struct Base {
  std::vector<Observation> observations;
  double realised = 0;  // discounted spend in the year after
};

const std::vector<double> kTruth = {0.8, 6, 0.9, 3};
constexpr GammaGamma kSpend = {6.25, 3.74, 15.44};

Base Draw(uint64_t seed, uint64_t customers) {
  const Simulator simulator(*CreatePurchaseModel("mbg_nbd", kTruth), kSpend, seed);
  const double rate = std::log(1.1) * 7 / 365.25;
  Base base;
  SimulatedCustomer customer;
  for (uint64_t i = 0; i < customers; ++i) {
    const double age = 78 - 26 * simulator.UniformOf(i, 1);
    simulator.Draw(i, age + 52, &customer);
    double x = 0, t_x = 0, spend = 0;
    for (size_t n = 1; n < customer.times.size(); ++n) {
      if (customer.times[n] > age) {
        base.realised += customer.spends[n] * std::exp(-rate * (customer.times[n] - age));
        continue;
      }
      x += 1;
      t_x = customer.times[n];
      spend += customer.spends[n];
    }
    base.observations.push_back({x, t_x * 7, age * 7, x > 0 ? spend / x : std::nan("")});
  }
  return base;
}

// Of many shops, 95 % have their true total inside the interval of the mean, and what they really
// bring inside the predictive one; so has each single customer their true value.
TEST(TotalOf, Intervals_CoverTruthAndOutcome) {
  const ValueOptions options;
  ValueParameters known;
  known.model = "mbg_nbd";
  known.purchase = kTruth;
  known.spend = {kSpend.p, kSpend.q, kSpend.v};
  const auto truth = *ValueModel::Create(known, options);
  ValueOptions asked = options;
  asked.model = "mbg_nbd";
#ifdef __SANITIZE_ADDRESS__
  const int shops = 24;  // ten times slower
#else
  const int shops = 120;
#endif
  Coverage covered, predicted;
  // Single customers: one-time buyers, fresh and silent ones, few and many purchases.
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  const std::vector<Observation> customers = {{0, 0, 100, kNone},   {0, 0, 500, kNone},
                                              {2, 213, 272, 22.35}, {3, 150, 480, 40},
                                              {12, 480, 500, 30},   {12, 300, 500, 30}};
  std::vector<ValueFeatures> true_features(customers.size()), features(customers.size());
  truth->Compute(customers, absl::MakeSpan(true_features));
  std::vector<Coverage> covered_customer(customers.size());
  for (int shop = 0; shop < shops; ++shop) {
    const Base base = Draw(100 + static_cast<uint64_t>(shop), 800);
    const auto fitted = FitValueModel(base.observations, asked);
    ASSERT_TRUE(fitted.ok());
    std::vector<Score> scores(base.observations.size());
    truth->ScoreAll(base.observations, absl::MakeSpan(scores));
    double expected = 0;
    for (const Score& score : scores) expected += score.clv;
    const TotalValue total = *TotalOf(*fitted->model, base.observations, {100, 1});
    covered.Add(total.clv_mean_low, total.clv, total.clv_mean_high, expected);
    predicted.Add(total.clv_predictive_low, total.clv, total.clv_predictive_high, base.realised);
    fitted->model->Compute(customers, absl::MakeSpan(features));
    for (size_t i = 0; i < customers.size(); ++i) {
      covered_customer[i].Add(features[i].clv_mean_low, features[i].clv, features[i].clv_mean_high,
                              true_features[i].clv);
    }
    EXPECT_LT(total.clv_predictive_low, total.clv_mean_low);
    EXPECT_GT(total.clv_predictive_high, total.clv_mean_high);
  }
  covered.Check("the base's mean, seeds from 100");
  predicted.Check("the base's outcome, seeds from 100");
  for (size_t i = 0; i < customers.size(); ++i) {
    covered_customer[i].Check("customer " + std::to_string(i));
  }
}

TEST(TotalOf, KnownParametersAndOneCustomer_IsTheirOwnInterval) {
  ValueParameters known;
  known.model = "bg_nbd";
  known.purchase = {0.52, 6.18, 0.89, 1.61};
  known.spend = {6.25, 3.74, 15.44};
  const auto model = *ValueModel::Create(known, {});
  const Observation row{3, 150, 160, 30};
  ValueFeatures features{};
  model->Compute({&row, 1}, {&features, 1});
  const TotalValue total = *TotalOf(*model, {&row, 1});
  EXPECT_NEAR(total.clv / features.clv, 1, 1e-9);
  EXPECT_NEAR(total.clv_mean_low / total.clv, 1, 1e-9);
  EXPECT_NEAR(total.clv_predictive_high / features.clv_predictive_high, 1, 1e-6);
  EXPECT_FALSE(TotalOf(*model, {&row, 1}, {1, 1}).ok());
}

TEST(TotalOf, NobodyOrProspects_AreWorthNothingHere) {
  ValueParameters known;
  known.model = "nbd";
  known.purchase = {0.5, 6};
  const auto model = *ValueModel::Create(known, {});
  EXPECT_EQ(TotalOf(*model, {})->clv, 0);
  const Observation prospect{0, 0, std::nan(""), std::nan("")};
  EXPECT_EQ(TotalOf(*model, {&prospect, 1})->clv_predictive_high, 0);
}

}  // namespace
}  // namespace tenure::clv
