// Orders and correlations, by figures worked out by hand.
#include "server/validation/lift_curve.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "server/validation/correlation.h"

namespace tenure::validation {
namespace {

TEST(LiftCurve, OrderByPrediction_GivesSharesAndGini) {
  // 10, 6, 4, 0 of 20, ordered 10, 4, 6, 0.
  const std::vector<Ranked> customers = {{4, 10}, {2, 6}, {3, 4}, {1, 0}};
  const LiftCurve curve(customers);
  EXPECT_DOUBLE_EQ(curve.ActualShare(0.25), 0.5);
  EXPECT_DOUBLE_EQ(curve.ActualShare(0.5), 0.7);
  EXPECT_DOUBLE_EQ(curve.ActualShare(0.375), 0.6);
  EXPECT_DOUBLE_EQ(curve.ActualShare(1), 1);
  // Trapezoids of 0, .5, .7, 1, 1 at quarters: .675, twice less 1.
  EXPECT_DOUBLE_EQ(curve.ActualGini(), 0.35);
  // Best: 0, .5, .8, 1, 1: .7.
  EXPECT_NEAR(NormalisedGini(customers), 0.35 / 0.4, 1e-15);
}

TEST(LiftCurve, EqualPredictions_AreSplitInProportion) {
  const std::vector<Ranked> customers = {{1, 8}, {1, 0}, {1, 4}, {1, 0}};
  const LiftCurve curve(customers);
  EXPECT_DOUBLE_EQ(curve.ActualShare(0.25), 0.25);
  EXPECT_DOUBLE_EQ(curve.ActualGini(), 0);
  EXPECT_DOUBLE_EQ(NormalisedGini(customers), 0);
  for (const LiftCurve::Piece& piece : curve.Split(10)) {
    EXPECT_NEAR(piece.customers, 0.4, 1e-12);
    EXPECT_NEAR(piece.actual, 1.2, 1e-12);
  }
}

TEST(LiftCurve, ReversedOrder_IsWorseThanNone) {
  const std::vector<Ranked> customers = {{1, 10}, {2, 6}, {3, 4}, {4, 0}};
  EXPECT_DOUBLE_EQ(NormalisedGini(customers), -1);
}

TEST(LiftCurve, NothingToFind_IsUndefined) {
  EXPECT_TRUE(std::isnan(LiftCurve(std::vector<Ranked>{{1, 0}, {2, 0}}).ActualShare(0.1)));
  EXPECT_TRUE(std::isnan(NormalisedGini(std::vector<Ranked>{{1, 0}, {2, 0}})));
  EXPECT_TRUE(std::isnan(NormalisedGini(std::vector<Ranked>{{1, 3}, {2, 3}})));
  EXPECT_TRUE(std::isnan(NormalisedGini(std::vector<Ranked>{{1, 3}, {2, -5}})));
}

TEST(Correlation, Spearman_SharesRanksAmongTies) {
  // Ranks 1, 2.5, 2.5, 4 and 1, 3, 2, 4: covariance 4.5, variances 4.5 and 5.
  const std::vector<Ranked> customers = {{1, 10}, {2, 30}, {2, 20}, {9, 40}};
  EXPECT_NEAR(SpearmanCorrelation(customers), 4.5 / std::sqrt(4.5 * 5), 1e-15);
  EXPECT_NEAR(PearsonCorrelation(std::vector<Ranked>{{1, 2}, {2, 4}, {3, 6}}), 1, 1e-15);
  EXPECT_NEAR(PearsonCorrelation(std::vector<Ranked>{{1, 1}, {2, 3}, {3, 2}}), 0.5, 1e-15);
}

TEST(Correlation, ConstantSide_IsUndefined) {
  EXPECT_TRUE(std::isnan(PearsonCorrelation(std::vector<Ranked>{{.1, 2}, {.1, 4}, {.1, 6}})));
  EXPECT_TRUE(std::isnan(SpearmanCorrelation(std::vector<Ranked>{{1, .1}, {2, .1}, {3, .1}})));
  EXPECT_TRUE(std::isnan(SpearmanCorrelation(std::vector<Ranked>{{1, 2}})));
}

}  // namespace
}  // namespace tenure::validation
