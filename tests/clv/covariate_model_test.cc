#include "server/clv/covariate_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "server/clv/covariate_total.h"
#include "server/clv/simulate.h"

namespace tenure::clv {
namespace {

constexpr Observation kJustAcquired = {0, 0, 0, std::numeric_limits<double>::quiet_NaN(), 1};

ValueOptions Weekly() {
  ValueOptions options;
  options.model = "mbg_nbd";
  return options;
}

CovariateParameters Known() {
  CovariateParameters known;
  known.plan = CovariatePlan::Both({"channel", "years"});
  known.coefficients = {0.5, 0.02, 0.6, -0.01, 0, 0};
  known.baseline.model = "mbg_nbd";
  known.baseline.purchase = {0.9, 12, 0.7, 4};
  return known;
}

struct Shop {
  std::vector<Observation> rows;
  std::vector<double> z;
};

// Customers of Known(): a channel (0 or 1), and years between 20 and 60.
Shop Simulated(int customers) {
  const auto truth = *CovariateModel::Create(Known(), Weekly());
  Shop shop;
  for (int i = 0; i < customers; ++i) {
    Random random(7'000'003 + static_cast<uint64_t>(i));
    const std::vector<double> z = {random.Uniform() < 0.4 ? 1.0 : 0.0,
                                   std::floor(20 + 40 * random.Uniform())};
    const auto here = *truth->At(z);
    const auto model = *CreatePurchaseModel("mbg_nbd", here->parameters().purchase);
    SimulatedCustomer customer;
    const double age = 78 - 26 * random.Uniform();
    Simulator(model, GammaGamma(), 7).Draw(static_cast<uint64_t>(i), age, &customer);
    const auto frequency = static_cast<double>(customer.times.size() - 1);
    shop.rows.push_back({frequency, 7 * customer.times.back(), 7 * age, 20 + frequency});
    shop.z.insert(shop.z.end(), z.begin(), z.end());
  }
  return shop;
}

TEST(CovariateModel, Saved_ReadsBackAsTheSameBytes) {
  const Shop shop = Simulated(1500);
  const auto fitted = FitCovariateModel(shop.rows, shop.z, Known().plan, Weekly());
  ASSERT_TRUE(fitted.ok()) << fitted.status();
  const std::string json = fitted->model->ToJson();
  EXPECT_TRUE(CovariateModel::IsJson(json));
  EXPECT_FALSE(CovariateModel::IsJson(fitted->model->baseline().ToJson()));
  const auto read = CovariateModel::FromJson(json);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ((*read)->ToJson(), json);
  EXPECT_EQ((*read)->Version(), fitted->model->Version());
  const auto broken = [&](const std::string& from, const std::string& to) {
    std::string text = json;
    text.replace(text.find(from), from.size(), to);
    return std::string(CovariateModel::FromJson(text).status().message());
  };
  EXPECT_NE(broken("covariate_model.v1", "covariate_model.v9").find("`format`"), std::string::npos);
  EXPECT_NE(broken("a:years", "a:income").find("contradict"), std::string::npos);
  EXPECT_NE(broken("\"coefficients\":[", "\"coefficients\":[1,").find("coefficients, not"),
            std::string::npos);
  EXPECT_NE(broken("\"covariance\":[", "\"covariance\":[1,").find("covariance"), std::string::npos);
}

// Measuring years from 40 on makes the model at 40 the baseline: estimates, and what is not known
// of them, are then the fit's own.
TEST(CovariateModel, UncertaintyAtCovariates_IsThatOfAFitWithThemAsOrigin) {
  Shop shop = Simulated(1500);
  const auto from_zero = *FitCovariateModel(shop.rows, shop.z, Known().plan, Weekly());
  for (size_t i = 0; i < shop.z.size(); i += 2) {
    shop.z[i] -= 1;
    shop.z[i + 1] -= 40;
  }
  const auto from_there = *FitCovariateModel(shop.rows, shop.z, Known().plan, Weekly());
  const std::vector<double> there = {1, 40};
  const auto at = *from_zero.model->At(there);
  const ValueModel& origin = from_there.model->baseline();
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(at->parameters().purchase[i] / origin.parameters().purchase[i], 1, 1e-6);
  }
  for (size_t i = 0; i < 16; ++i) {
    EXPECT_NEAR(at->parameters().purchase_log_cov[i], origin.parameters().purchase_log_cov[i],
                1e-6);
  }
  ValueFeatures here{}, same{};
  at->Compute({&kJustAcquired, 1}, {&here, 1});
  origin.Compute({&kJustAcquired, 1}, {&same, 1});
  EXPECT_NEAR(here.clv_mean_high, same.clv_mean_high, 1e-5 * same.clv_mean_high);
  EXPECT_GT(here.clv_mean_high, 1.05 * here.clv);
}

TEST(CovariateModel, EarlyValue_IsWhatSimulatedNewCustomersBring) {
  const auto model = *CovariateModel::Create(Known(), Weekly());
  for (const std::vector<double>& z : {std::vector<double>{0, 25}, std::vector<double>{1, 55}}) {
    const auto here = *model->At(z);
    ValueFeatures features{};
    here->Compute({&kJustAcquired, 1}, {&features, 1});
    const auto lives = *CreatePurchaseModel("mbg_nbd", here->parameters().purchase);
    const Simulator simulator(lives, GammaGamma(), 11);
    constexpr int kLives = 20'000;
    double sum = 0, squares = 0;
    for (int i = 0; i < kLives; ++i) {
      SimulatedCustomer customer;
      simulator.Draw(static_cast<uint64_t>(i), 52, &customer);
      const auto repeats = static_cast<double>(customer.times.size() - 1);
      sum += repeats;
      squares += repeats * repeats;
    }
    const double mean = sum / kLives;
    const double error = std::sqrt((squares / kLives - mean * mean) / kLives);
    EXPECT_NEAR(features.expected_purchases, mean, 4 * error) << "z[0] " << z[0];
  }
}

TEST(CovariateModel, WhatItCannotSay_IsRefused) {
  const auto model = *CovariateModel::Create(Known(), Weekly());
  EXPECT_FALSE(model->At({{1}}).ok());
  const double none = std::numeric_limits<double>::quiet_NaN();
  EXPECT_NE(model->At({{1, none}}).status().message().find("`years`"), std::string::npos);
  EXPECT_NE(model->At({{1, 1e9}}).status().message().find("too far"), std::string::npos);
  const Shop few = Simulated(60);
  const auto refused = FitCovariateModel(few.rows, few.z, Known().plan, Weekly());
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(CovariateModel, FewCustomersUnderAPrior_HaveAModelThatSaysSo) {
  const Shop few = Simulated(40);
  EXPECT_FALSE(FitCovariateModel(few.rows, few.z, Known().plan, Weekly()).ok());
  const PriorRequest weak;
  const auto map = FitCovariateModel(few.rows, few.z, Known().plan, Weekly(), &weak);
  ASSERT_TRUE(map.ok()) << map.status();
  EXPECT_EQ(map->report.fallback, "");
  const ValueParameters& baseline = map->model->parameters().baseline;
  EXPECT_NE(baseline.verdict.find("MAP, prior medians r 1"), std::string::npos) << baseline.verdict;
  EXPECT_NE(baseline.spend_verdict.find("MAP"), std::string::npos) << baseline.spend_verdict;
  ASSERT_EQ(map->priors.size(), 2u);
  EXPECT_EQ(map->priors[0].coefficient_sd, kWeakLogSd);
  EXPECT_EQ(map->priors[1].model, "gamma_gamma");
  const PriorRequest wrong{{{"beta", 1, 1}}};
  const auto refused = FitCovariateModel(few.rows, few.z, Known().plan, Weekly(), &wrong);
  EXPECT_NE(refused.status().message().find("beta"), std::string::npos) << refused.status();
}

// A customer's own model at each z, one after another, with the same draws: what the total must be.
TEST(CovariateModel, Total_IsTheSumWithJointIntervals) {
  const Shop shop = Simulated(900);
  const auto model = FitCovariateModel(shop.rows, shop.z, Known().plan, Weekly())->model;
  const absl::StatusOr<TotalValue> total = TotalOf(*model, shop.rows, shop.z);
  ASSERT_TRUE(total.ok()) << total.status();
  EXPECT_EQ(total->customers, 900);
  double clv = 0, low = 0, high = 0;
  for (size_t i = 0; i < shop.rows.size(); ++i) {
    ValueFeatures features{};
    const auto here = *model->At({&shop.z[2 * i], 2});
    here->Compute({&shop.rows[i], 1}, {&features, 1});
    clv += features.clv;
    low += features.clv_mean_low;
    high += features.clv_mean_high;
  }
  EXPECT_NEAR(total->clv / clv, 1, 1e-6);
  EXPECT_LT(total->clv_mean_low, clv);
  EXPECT_GT(total->clv_mean_high, clv);
  // Surer than if all erred alike, yet not as if each erred for themselves.
  EXPECT_LT(total->clv_mean_high - total->clv_mean_low, high - low);
  EXPECT_GT(total->clv_mean_high - total->clv_mean_low, (high - low) / 30);
  Shop backward = shop;
  std::reverse(backward.rows.begin(), backward.rows.end());
  for (size_t i = 0; i < shop.rows.size(); ++i) {
    const size_t from = shop.rows.size() - 1 - i;
    backward.z[2 * i] = shop.z[2 * from];
    backward.z[2 * i + 1] = shop.z[2 * from + 1];
  }
  const TotalValue other = *TotalOf(*model, backward.rows, backward.z);
  EXPECT_NEAR(other.clv_mean_high / total->clv_mean_high, 1, 1e-9);
  EXPECT_FALSE(TotalOf(*model, shop.rows, {}).ok());
}

// Without covariates that move anything the joint draws are those of the baseline alone.
TEST(CovariateModel, TotalOfOneGroup_HasTheIntervalOfItsOwnModel) {
  const Shop shop = Simulated(900);
  const auto model = FitCovariateModel(shop.rows, shop.z, Known().plan, Weekly())->model;
  std::vector<double> z;
  for (size_t i = 0; i < shop.rows.size(); ++i) z.insert(z.end(), {1, 40});
  const TotalValue total = *TotalOf(*model, shop.rows, z, {.draws = 2'000});
  const TotalValue alone = *TotalOf(**model->At({1.0, 40.0}), shop.rows, {.draws = 2'000});
  EXPECT_NEAR(total.clv / alone.clv, 1, 1e-12);
  EXPECT_NEAR(total.standard_error / alone.standard_error, 1, 0.1);
}

}  // namespace
}  // namespace tenure::clv
