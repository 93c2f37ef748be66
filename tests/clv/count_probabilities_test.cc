// What the distribution of the number of purchases must agree with, of every purchase model.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "server/clv/model_kind.h"
#include "server/clv/value_model.h"

namespace tenure::clv {
namespace {

struct Case {
  std::string model;
  std::vector<double> parameters;
  std::vector<History> histories;
  double tolerance = 1e-10;
};

const std::vector<History> kBuyers = {{0, 0, 0}, {0, 0, 38.86}, {2, 30.43, 38.86}, {20, 30, 40}};
const std::vector<History> kDonors = {{0, 0, 0}, {0, 0, 6}, {2, 4, 6}, {6, 6, 6}};
const std::vector<History> kContracts = {{0, 0, 0.5}, {4, 4, 4.5}, {2, 2, 6}};

const std::vector<Case> kCases = {
    {"nbd", {.385, 12.07}, kBuyers},
    {"bg_nbd", {.243, 4.414, .793, 2.426}, kBuyers},
    {"mbg_nbd", {.525, 6.183, .891, 1.614}, kBuyers},
    {"pareto_nbd", {.5534, 10.5802, .6061, 11.6562}, kBuyers},
    {"beta_binomial", {1.2, .75}, kDonors},
    {"bg_bb", {1.204, .750, .657, 2.783}, kDonors},
    {"sbg", {.704, 1.182}, kContracts},
    {"bdw", {.704, 1.182, 1.3}, kContracts},
    // Quadratures over the two rates.
    {"cnbd_2", {.8, 5}, kBuyers, 1e-6},
    {"bg_cnbd_3", {.8, 5, .8, 3}, kBuyers, 1e-6},
    {"mbg_cnbd_4", {.8, 5, .8, 3}, kBuyers, 1e-6},
};

class CountProbabilities : public ::testing::TestWithParam<Case> {};

TEST_P(CountProbabilities, SumToOneAndAgreeWithMeanAndChanceOfAPurchase) {
  constexpr double kWindow = 12;
  const Case& given = GetParam();
  const auto model = *CreatePurchaseModel(given.model, given.parameters);
  ValueParameters known;
  known.model = given.model;
  known.purchase = given.parameters;
  ValueOptions options;
  options.response_window_days = kWindow * options.time_unit_days;
  const auto valued = ValueModel::Create(known, options);
  ASSERT_TRUE(valued.ok()) << valued.status();
  for (const History& h : given.histories) {
    SCOPED_TRACE(::testing::Message() << h.frequency << ", " << h.recency << ", " << h.age);
    std::vector<double> probabilities(400);
    model->CountProbabilities(h, kWindow, absl::MakeSpan(probabilities));
    double sum = 0, mean = 0;
    for (size_t n = 0; n < probabilities.size(); ++n) {
      EXPECT_GE(probabilities[n], 0) << n;
      sum += probabilities[n];
      mean += static_cast<double>(n) * probabilities[n];
    }
    EXPECT_NEAR(sum, 1, given.tolerance);
    const double expected = model->ExpectedPurchases(h, kWindow);
    EXPECT_NEAR(mean, expected, given.tolerance * std::max(expected, 1.));
    const double unit = options.time_unit_days;
    const Observation row{h.frequency, h.recency * unit, h.age * unit,
                          std::numeric_limits<double>::quiet_NaN()};
    ValueFeatures features{};
    (*valued)->Compute({&row, 1}, {&features, 1});
    EXPECT_NEAR(probabilities[0], 1 - features.p_purchase_w, given.tolerance);
  }
}

INSTANTIATE_TEST_SUITE_P(Models, CountProbabilities, ::testing::ValuesIn(kCases),
                         [](const auto& tested) { return tested.param.model; });

TEST(CountProbabilitiesCases, HaveEveryModel) {
  for (const std::string& name : ModelNames()) {
    EXPECT_TRUE(std::any_of(kCases.begin(), kCases.end(), [&](const Case& each) {
      return each.model == name;
    })) << name;
  }
}

}  // namespace
}  // namespace tenure::clv
