#include "server/clv/map_value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "server/clv/simulate.h"

namespace tenure::clv {
namespace {

std::vector<Observation> Shop(const std::string& model, const std::vector<double>& parameters,
                              int customers, bool with_intervals = false) {
  const Simulator simulator(*CreatePurchaseModel(model, parameters), GammaGamma(), 21);
  std::vector<Observation> rows;
  for (int i = 0; i < customers; ++i) {
    SimulatedCustomer customer;
    const double age = 78 - 52.0 * i / customers;
    simulator.Draw(static_cast<uint64_t>(i), age, &customer);
    Observation row{static_cast<double>(customer.times.size() - 1), 7 * customer.times.back(),
                    7 * age, 20.0 + i % 7};
    if (with_intervals) {
      row.log_intervals = 0;
      for (size_t k = 1; k < customer.times.size(); ++k) {
        row.log_intervals += std::log(7 * (customer.times[k] - customer.times[k - 1]));
      }
    }
    rows.push_back(row);
  }
  return rows;
}

ValueOptions Named(const std::string& model) {
  ValueOptions options;
  options.model = model;
  return options;
}

TEST(MapValue, FewCustomers_HaveAFitInsteadOfAPooledRate) {
  const std::vector<Observation> few = Shop("mbg_nbd", {0.8, 6, 0.9, 3}, 40);
  EXPECT_FALSE(FitValueModel(few, Named("mbg_nbd"))->report.fallback.empty());
  const auto map = FitValueModelByMap(few, Named("mbg_nbd"), {});
  ASSERT_TRUE(map.ok()) << map.status();
  EXPECT_EQ(map->value.report.fallback, "");
  const ValueParameters& parameters = map->value.model->parameters();
  EXPECT_NE(parameters.verdict.find("MAP, prior medians r 1 (factor 4.48)"), std::string::npos)
      << parameters.verdict;
  EXPECT_NE(parameters.spend_verdict.find("MAP"), std::string::npos);
  ASSERT_EQ(map->priors.size(), 2u);
  EXPECT_EQ(map->priors[1].model, "gamma_gamma");
}

// With much data a weak prior moves nothing by more than a part of the standard errors; a narrow
// one holds its parameter.
TEST(MapValue, Prior_YieldsToDataAndHoldsWhereItIsNarrow) {
  const std::vector<Observation> rows = Shop("mbg_nbd", {0.8, 6, 0.9, 3}, 4000);
  const FittedValue likelihood = *FitValueModel(rows, Named("mbg_nbd"));
  const MapValue weak = *FitValueModelByMap(rows, Named("mbg_nbd"), {});
  const ModelFit& fit = likelihood.report.purchase[0];
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(weak.value.report.purchase[0].parameters[i], fit.parameters[i],
                0.35 * fit.standard_errors[i]);
  }
  PriorRequest narrow;
  narrow.terms = {{"r", 2, 0.001}};
  const MapValue held = *FitValueModelByMap(rows, Named("mbg_nbd"), narrow);
  EXPECT_NEAR(held.value.report.purchase[0].parameters[0], 2, 0.02);
  EXPECT_LT(held.value.report.purchase[0].log_likelihood, fit.log_likelihood);
}

// Days or weeks: a weak prior's medians go with the unit.
TEST(MapValue, TimeUnit_DoesNotMatter) {
  const std::vector<Observation> rows = Shop("mbg_nbd", {0.8, 6, 0.9, 3}, 60);
  ValueOptions days = Named("mbg_nbd");
  days.time_unit_days = 1;
  const MapValue one = *FitValueModelByMap(rows, Named("mbg_nbd"), {});
  const MapValue other = *FitValueModelByMap(rows, days, {});
  const auto alpha = [](const MapValue& map) { return map.value.model->parameters().purchase[1]; };
  EXPECT_NEAR(alpha(other) / alpha(one), 7, 1e-6);
}

TEST(MapValue, TermOfNoParameter_IsRefused) {
  const std::vector<Observation> rows = Shop("mbg_nbd", {0.8, 6, 0.9, 3}, 60);
  for (const PriorTerm& term :
       {PriorTerm{"beta", 1, 1}, PriorTerm{"r", 0, 1}, PriorTerm{"r", 1, -1}}) {
    const auto map = FitValueModelByMap(rows, Named("mbg_nbd"), {{term}});
    EXPECT_NE(map.status().message().find(term.parameter), std::string::npos);
  }
  EXPECT_FALSE(FitValueModelByMap(rows, Named("mbg_nbd"), {{{"r", 1, 1}, {"r", 1, 1}}}).ok());
}

// Without the check a weak prior would find dropout in any data.
TEST(MapValue, AutoWithoutDropoutInTheData_TakesNbd) {
  const std::vector<Observation> rows = Shop("nbd", {1.2, 8}, 2000);
  const MapValue map = *FitValueModelByMap(rows, Named("auto"), {});
  EXPECT_EQ(map.value.report.chosen, "nbd") << map.value.report.why;
}

TEST(AutoChoice, RegularBuyers_GetTheirTiming) {
  const std::vector<Observation> rows = Shop("mbg_cnbd_3", {1.2, 8, 0.6, 4}, 2000, true);
  const FittedValue fitted = *FitValueModel(rows, Named("auto"));
  EXPECT_EQ(fitted.report.chosen, "mbg_cnbd_3") << fitted.report.why;
  EXPECT_NE(fitted.report.why.find("more regular than chance"), std::string::npos);
  EXPECT_EQ(fitted.report.purchase.size(), 5u);
  std::vector<Observation> unknown = rows;
  for (Observation& row : unknown) row.log_intervals = std::nan("");
  const FittedValue without = *FitValueModel(unknown, Named("auto"));
  EXPECT_EQ(without.report.purchase.size(), 4u);
  // Under a prior it isn't weighed.
  const MapValue map = *FitValueModelByMap(rows, Named("auto"), {});
  EXPECT_EQ(map.value.report.purchase.size(), 4u);
}

TEST(AutoChoice, BuyersByChance_KeepMbgNbd) {
  const std::vector<Observation> rows = Shop("mbg_nbd", {0.8, 6, 0.9, 3}, 2000, true);
  const FittedValue fitted = *FitValueModel(rows, Named("auto"));
  EXPECT_EQ(fitted.report.chosen, "mbg_nbd") << fitted.report.why;
  EXPECT_EQ(fitted.report.purchase.size(), 4u);
}

TEST(AutoChoice, TooManyRegularBuyers_AreToldTheModelByName) {
  const std::vector<Observation> rows = Shop("mbg_cnbd_3", {1.2, 8, 0.6, 4}, 51'000, true);
  const FittedValue fitted = *FitValueModel(rows, Named("auto"));
  EXPECT_NE(fitted.report.chosen, "mbg_cnbd_3");
  EXPECT_NE(fitted.report.why.find("--model mbg_cnbd_3"), std::string::npos) << fitted.report.why;
}

TEST(AutoChoice, OccasionsAndContracts_AreHintedAt) {
  std::vector<Observation> donors, contracts, daily;
  for (int i = 0; i < 600; ++i) {
    const int x = i % 4;
    donors.push_back({static_cast<double>(x), x == 0 ? 0 : (x + i % 2) * 7.0, 42, 30});
    contracts.push_back({static_cast<double>(x), x * 7.0, 28, 30});
    daily.push_back({static_cast<double>(x), x == 0 ? 0 : 100.0 * 7, 200 * 7.0, 30});
  }
  EXPECT_NE(FitValueModel(donors, Named("auto"))->report.why.find("bg_bb"), std::string::npos);
  EXPECT_NE(FitValueModel(contracts, Named("auto"))->report.why.find("sbg"), std::string::npos);
  EXPECT_EQ(FitValueModel(daily, Named("auto"))->report.why.find("--model"), std::string::npos);
  EXPECT_EQ(FitValueModel(donors, Named("mbg_nbd"))->report.why.find("--model"), std::string::npos);
}

}  // namespace
}  // namespace tenure::clv
