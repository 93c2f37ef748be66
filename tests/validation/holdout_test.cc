#include "server/validation/holdout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "server/base/random.h"

namespace tenure::validation {
namespace {

constexpr uint64_t kSeed = 20261122;

// Customers with ties everywhere, as real ones have.
std::vector<HoldoutRow> Customers(size_t count) {
  Random random(kSeed);
  std::vector<HoldoutRow> rows;
  for (size_t i = 0; i < count; ++i) {
    const double frequency = std::floor(random.Uniform() * 10);
    const double expected = frequency * 0.3 + 0.1 * std::floor(random.Uniform() * 3);
    const double actual = std::floor(random.Uniform() * (1 + frequency));
    rows.push_back({frequency, expected, actual, expected * 20, actual * 25});
  }
  return rows;
}

void ExpectSame(const Agreement& l, const Agreement& r, double tolerance) {
  for (double Agreement::*figure :
       {&Agreement::bias, &Agreement::bias_standard_error, &Agreement::mean_absolute_error,
        &Agreement::root_mean_square_error, &Agreement::spearman, &Agreement::pearson,
        &Agreement::predicted_gini, &Agreement::actual_gini, &Agreement::gini_gain,
        &Agreement::top_tenth, &Agreement::top_fifth, &Agreement::best_top_tenth}) {
    EXPECT_NEAR(l.*figure, r.*figure, tolerance);
  }
  for (size_t i = 0; i < 10; ++i) {
    EXPECT_NEAR(l.deciles[i].expected, r.deciles[i].expected, tolerance) << i;
    EXPECT_NEAR(l.deciles[i].actual, r.deciles[i].actual, tolerance) << i;
  }
}

TEST(Validate, PerfectPrediction_HasNoErrorAndTheBestOrder) {
  std::vector<HoldoutRow> rows = Customers(500);
  for (HoldoutRow& row : rows) {
    row.expected_purchases = row.actual_purchases;
    row.expected_value = row.actual_value;
  }
  const Validation result = *Validate(rows, true, 28);
  for (const Agreement& agreement : {result.purchases, result.value}) {
    EXPECT_EQ(agreement.mean_absolute_error, 0);
    EXPECT_EQ(agreement.root_mean_square_error, 0);
    EXPECT_EQ(agreement.bias, 0);
    EXPECT_DOUBLE_EQ(agreement.gini_gain, 1);
    EXPECT_DOUBLE_EQ(agreement.spearman, 1);
    EXPECT_DOUBLE_EQ(agreement.pearson, 1);
    EXPECT_DOUBLE_EQ(agreement.top_tenth, agreement.best_top_tenth);
  }
}

TEST(Validate, RowsInAnotherOrder_GiveTheSameBits) {
  const std::vector<HoldoutRow> rows = Customers(500);
  std::vector<HoldoutRow> reversed(rows.rbegin(), rows.rend());
  const Validation one = *Validate(rows, true, 28);
  const Validation two = *Validate(reversed, true, 28);
  ExpectSame(one.purchases, two.purchases, 0);
  ExpectSame(one.value, two.value, 0);
  for (size_t i = 0; i < one.bins.size(); ++i) {
    EXPECT_EQ(one.bins[i].expected, two.bins[i].expected);
    EXPECT_EQ(one.bins[i].standard_error, two.bins[i].standard_error);
  }
}

TEST(Validate, Weight_CountsAsThatManyRows) {
  std::vector<HoldoutRow> weighted = Customers(200);
  std::vector<HoldoutRow> repeated;
  for (size_t i = 0; i < weighted.size(); ++i) {
    const size_t times = 1 + i % 4;
    repeated.insert(repeated.end(), times, weighted[i]);
    weighted[i].weight = static_cast<double>(times);
  }
  const Validation one = *Validate(weighted, true, 28);
  const Validation two = *Validate(repeated, true, 28);
  EXPECT_EQ(one.customers, two.customers);
  ExpectSame(one.purchases, two.purchases, 1e-9);
  ExpectSame(one.value, two.value, 1e-9);
  for (size_t i = 0; i < one.bins.size(); ++i) {
    EXPECT_EQ(one.bins[i].customers, two.bins[i].customers);
    EXPECT_NEAR(one.bins[i].actual, two.bins[i].actual, 1e-12);
    EXPECT_NEAR(one.bins[i].standard_error, two.bins[i].standard_error, 1e-9);
  }
}

TEST(Validate, Figures_AreThoseWorkedOutByHand) {
  const std::vector<HoldoutRow> rows = {{0, 1, 2}, {0, 0.5, 0}, {6, 2, 2}, {7, 4, 3}, {90, 3, 5}};
  const Validation result = *Validate(rows, false, 7);
  EXPECT_DOUBLE_EQ(result.purchases.expected, 10.5);
  EXPECT_DOUBLE_EQ(result.purchases.actual, 12);
  EXPECT_DOUBLE_EQ(result.purchases.bias, -0.125);
  EXPECT_DOUBLE_EQ(result.purchases.mean_absolute_error, 4.5 / 5);
  EXPECT_DOUBLE_EQ(result.purchases.root_mean_square_error, std::sqrt(6.25 / 5));
  // Ranks 2, 1, 3, 5, 4 and 2.5, 1, 2.5, 4, 5.
  EXPECT_DOUBLE_EQ(result.purchases.spearman, 8.5 / std::sqrt(95));
  ASSERT_EQ(result.bins.size(), 8u);
  EXPECT_EQ(result.bins[0].label, "0");
  EXPECT_DOUBLE_EQ(result.bins[0].expected, 0.75);
  EXPECT_DOUBLE_EQ(result.bins[0].actual, 1);
  EXPECT_TRUE(std::isnan(result.bins[1].expected));
  EXPECT_EQ(result.bins[7].label, "7+");
  EXPECT_EQ(result.bins[7].customers, 2);
  EXPECT_DOUBLE_EQ(result.bins[7].actual, 4);
  EXPECT_FALSE(result.has_value);
}

TEST(Validate, OneRowOrNothingBought_IsAnswered) {
  const Validation one = *Validate(std::vector<HoldoutRow>{{2, 1.5, 1}}, false, 7);
  EXPECT_DOUBLE_EQ(one.purchases.mean_absolute_error, 0.5);
  EXPECT_TRUE(std::isnan(one.purchases.spearman));
  EXPECT_TRUE(std::isnan(one.purchases.gini_gain));
  const Validation none = *Validate(std::vector<HoldoutRow>{{0, 0.5, 0}, {1, 0.7, 0}}, false, 7);
  EXPECT_TRUE(std::isnan(none.purchases.bias));
  EXPECT_TRUE(none.purchases.lift.empty());
}

TEST(Validate, BrokenRow_IsRefusedByItsNumber) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const HoldoutRow good{1, 1, 1};
  const auto refusal = [&](const HoldoutRow& row) {
    return std::string(Validate(std::vector<HoldoutRow>{good, row}, true, 7).status().message());
  };
  EXPECT_NE(refusal({nan, 1, 1}).find("row 1: a figure is not"), std::string::npos);
  EXPECT_NE(refusal({1, nan, 1}).find("row 1"), std::string::npos);
  EXPECT_NE(refusal({-1, 1, 1}).find("frequency is below 0"), std::string::npos);
  EXPECT_NE(refusal({1, -1, 1}).find("expected purchases"), std::string::npos);
  EXPECT_NE(refusal({1, 1, -1}).find("actual purchases"), std::string::npos);
  EXPECT_NE(refusal({1, 1, 1, 0, 0, 0}).find("weight"), std::string::npos);
  EXPECT_FALSE(Validate({}, true, 7).ok());
}

}  // namespace
}  // namespace tenure::validation
