// Contracts as purchases: what is seen is certain, and renewals are the purchases.
#include "server/clv/contract_model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "server/clv/value_model.h"

namespace tenure::clv {
namespace {

constexpr uint64_t kSeed = 2018;

std::vector<ContractModel> Models() {
  return {ContractModel(.7, 1.2), ContractModel(1.1, 3, 1.5), ContractModel(2, 8, .7)};
}

TEST(ContractModel, Alive_IsSeenWithAPeriodsGrace) {
  const ContractModel model(.7, 1.2);
  EXPECT_EQ(model.PAlive({3, 3, 3}), 1);
  EXPECT_EQ(model.PAlive({3, 3, 3.9}), 1);
  EXPECT_EQ(model.PAlive({3, 3, 4}), 1);  // renewal 4 is due just now
  EXPECT_EQ(model.PAlive({3, 3, 4.1}), 0);
  EXPECT_EQ(model.PAlive({0, 0, 0}), 1);
  EXPECT_EQ(model.SilenceUntil({3, 3, 3.25}, 0), 0.75);
  EXPECT_EQ(model.SilenceUntil({3, 3, 5}, 0), 0);
  EXPECT_EQ(model.PAliveAfter({3, 3, 3.25}, .5), 1);
  EXPECT_NEAR(model.PAliveAfter({3, 3, 3.25}, .75), model.curve().Retention(4), 1e-14);
  EXPECT_NEAR(model.PAliveAfter({3, 3, 4}, .25), model.curve().Retention(4), 1e-14);
  EXPECT_EQ(model.PAliveAfter({3, 3, 4}, 0), 1);
}

// The value until the next renewal is due is that of the renewal and what follows it, exactly.
TEST(ContractModel, NextRenewal_ValueIsAMixture) {
  constexpr double kRate = 0.08;
  for (const ContractModel& model : Models()) {
    for (const double n : {0., 4.}) {
      const auto value = [&](const History& h, double horizon) {
        return model.PAlive(h) * model.ValueIfAlive(h, model.Grid(h, 1, horizon, kRate));
      };
      const double renewed = value({n + 1, n + 1, n + 1}, 9.5);
      const double expected = std::exp(-kRate / 2) * model.curve().Retention(n + 1) * (1 + renewed);
      EXPECT_NEAR(value({n, n, n + .5}, 10) / expected, 1, 1e-12);
    }
  }
}

TEST(ContractModel, Quantities_AgreeWithEachOther) {
  for (const ContractModel& model : Models()) {
    for (const History& h :
         {History{0, 0, .3}, History{5, 5, 5}, History{2, 2, 3}, History{2, 2, 8}}) {
      const double alive = model.PAlive(h);
      std::vector<double> counts(14);
      model.CountProbabilities(h, 12, absl::MakeSpan(counts));
      double sum = 0, mean = 0, square = 0;
      for (size_t i = 0; i < counts.size(); ++i) {
        const auto x = static_cast<double>(i);
        sum += counts[i];
        mean += x * counts[i];
        square += x * x * counts[i];
      }
      EXPECT_NEAR(sum, 1, 1e-13);
      EXPECT_NEAR(mean, model.ExpectedPurchases(h, 12), 1e-12);
      const Outlook plain = model.OutlookIfAlive(h, model.Grid(h, 1, 12, 0));
      EXPECT_NEAR(alive * plain.count, mean, 1e-12);
      EXPECT_NEAR(alive * (plain.squares + plain.pairs), square, 1e-11);
      EXPECT_NEAR(1 - alive + alive * std::exp(plain.log_quiet_horizon), counts[0], 1e-13);
      const TimeGrid longest = model.Grid(h, 1, 4'000, 0.05);
      EXPECT_NEAR(alive * model.ValueIfAlive(h, longest), model.ExpectedDiscounted(h, 0.05), 1e-9);
    }
  }
}

TEST(ContractModel, SimulatedContracts_AgreeWithTheFigures) {
  for (const ContractModel& model : Models()) {
    SCOPED_TRACE(testing::Message() << model.name() << ", seed " << kSeed);
    constexpr double kRate = 0.1, kRenewals = 2, kHorizon = 6, kWindow = 2;
    const double c = model.curve().c;
    Random random(kSeed);
    Life life;
    double active = 0, value = 0, at_risk = 0, lost = 0, revived = 0;
    for (int i = 0; i < 400'000; ++i) {
      model.Draw(kRenewals + kHorizon, &random, &life);
      const double last = life.times.back();
      if (last < kRenewals) continue;
      const double log_stay = std::log1p(-life.dropout);
      const auto chance = [&](double from, double to) {
        return std::exp((std::pow(to, c) - std::pow(from, c)) * log_stay);
      };
      if (last == kRenewals) {
        ++lost;
        for (double j = 1; j <= kHorizon; ++j) revived += chance(0, j) * std::exp(-kRate * j);
      }
      ++active;
      for (double t = kRenewals + 1; t <= last; ++t) value += std::exp(-kRate * (t - kRenewals));
      if (life.death > kRenewals + kWindow) continue;
      for (double t = life.death; t <= kRenewals + kHorizon; ++t) {
        at_risk += chance(life.death, t) * std::exp(-kRate * (t - kRenewals));
      }
    }
    const History now{kRenewals, kRenewals, kRenewals};
    const TimeGrid grid = model.Grid(now, kWindow, kHorizon, kRate);
    const Outlook outlook = model.OutlookIfAlive(now, grid);
    EXPECT_NEAR(value / active / outlook.value, 1, 0.01);
    EXPECT_NEAR(at_risk / active / outlook.at_risk, 1, 0.02);
    EXPECT_NEAR(revived / lost / model.ValueIfRevived({kRenewals, kRenewals, 4}, grid), 1, 0.02);
  }
}

// The features of a value model exist for contracts, lost ones too, and are numbers.
TEST(ContractModel, InAValueModel_EveryFeatureIsANumber) {
  ValueParameters parameters;
  parameters.model = "sbg";
  parameters.purchase = {.7, 1.2};
  parameters.purchase_log_cov = {.01, .005, .005, .01};
  ValueOptions options;
  options.time_unit_days = 30;
  options.horizon_days = 360;
  options.response_window_days = 30;
  const auto model = ValueModel::Create(parameters, options);
  ASSERT_TRUE(model.ok()) << model.status();
  const Observation rows[] = {{3, 90, 100, NAN}, {3, 90, 300, NAN}};
  ValueFeatures out[2];
  (*model)->Compute(rows, absl::MakeSpan(out));
  EXPECT_EQ(out[0].p_alive, 1);
  EXPECT_GT(out[0].clv, 0);
  EXPECT_LT(out[0].clv_mean_low, out[0].clv);
  EXPECT_GT(out[0].at_risk_w, 0);
  EXPECT_NEAR(out[0].p_purchase_w, RetentionCurve({.7, 1.2}).Retention(4), 1e-12);
  EXPECT_EQ(out[1].p_alive, 0);
  EXPECT_EQ(out[1].clv, 0);
  EXPECT_GT(out[1].v_revived, 0);
  EXPECT_GT(out[1].v_alive, out[1].v_revived);
  for (const double each : {out[1].clv_mean_low, out[1].clv_mean_high, out[1].at_risk_w,
                            out[1].clv_predictive_low, out[1].clv_predictive_high}) {
    EXPECT_EQ(each, 0);
  }
  EXPECT_NEAR((*model)->DaysUntilPAlive(rows[0], 0.5), 20, 1e-9);
}

// No renewal, no occasion falls into a horizon shorter than a period: nothing comes for certain.
TEST(ContractModel, HorizonShorterThanAPeriod_HasNoNan) {
  const auto check = [](const std::string& name, std::vector<double> at,
                        std::vector<double> covariance) {
    ValueParameters parameters;
    parameters.model = name;
    parameters.purchase = std::move(at);
    parameters.purchase_log_cov = std::move(covariance);
    ValueOptions options;
    options.time_unit_days = 366;
    options.horizon_days = 364;
    const auto model = ValueModel::Create(parameters, options);
    ASSERT_TRUE(model.ok()) << model.status();
    const Observation row{3, 3 * 366, 3 * 366, NAN};
    ValueFeatures f{};
    (*model)->Compute({&row, 1}, {&f, 1});
    for (const double each :
         {f.p_alive, f.clv, f.clv_mean_low, f.clv_mean_high, f.clv_predictive_low,
          f.clv_predictive_high, f.v_alive, f.v_revived, f.p_purchase_w, f.at_risk_w, f.margin_next,
          f.expected_purchases, f.spend_next, f.rhythm_limit_days}) {
      EXPECT_TRUE(std::isfinite(each)) << name;
    }
    EXPECT_LE(f.clv_mean_low, f.clv);
    EXPECT_GE(f.clv_mean_high, f.clv);
  };
  check("sbg", {.7, 1.2}, {.01, .005, .005, .01});
  check("bg_bb", {1.2, .75, .66, 2.78}, {.01, 0, 0, 0, 0, .01, 0, 0, 0, 0, .01, 0, 0, 0, 0, .01});
}

// Too few for a fit: still a contract, whose members are gone once a renewal is overdue.
TEST(ContractModel, FewMembers_FallBackToAContract) {
  std::vector<Observation> members;
  for (int i = 0; i < 40; ++i) {
    const double renewals = i % 5;
    const double age = i % 4 == 0 ? renewals + 2 : renewals + 0.5;  // every fourth has missed one
    members.push_back({renewals, renewals * 30, age * 30, NAN});
  }
  ValueOptions options;
  options.time_unit_days = 30;
  options.model = "sbg";
  const auto fitted = FitValueModel(members, options);
  ASSERT_TRUE(fitted.ok()) << fitted.status();
  EXPECT_NE(fitted->report.fallback.find("renewals at the pooled rate"), std::string::npos)
      << fitted->report.fallback;
  EXPECT_EQ(fitted->model->model(), "sbg");
  EXPECT_TRUE(fitted->model->parameters().fallback);
  EXPECT_EQ(fitted->model->parameters().purchase, std::vector<double>({10 + 1, 80 + 1}));
  const Observation rows[] = {{3, 90, 110, NAN}, {3, 90, 130, NAN}};
  ValueFeatures out[2];
  fitted->model->Compute(rows, absl::MakeSpan(out));
  EXPECT_EQ(out[0].p_alive, 1);
  EXPECT_EQ(out[1].p_alive, 0);
  EXPECT_EQ(out[1].clv, 0);
}

}  // namespace
}  // namespace tenure::clv
