#include "server/customers/cut_points.h"

#include <gtest/gtest.h>

#include <cmath>

#include "server/clv/quintiles.h"
#include "server/customers/tier.h"

namespace tenure::customers {
namespace {

using clv::RfmScore;

TEST(CutPoints, TenCustomers_SplitByShares) {
  PopulationValues values;
  for (int i = 1; i <= 10; ++i) values.clv.push_back(i);
  const journal::CutPoints cuts = CutPointsOf(values, {0.2, 0.3});
  EXPECT_EQ(cuts.clv_high, 9);
  EXPECT_EQ(cuts.clv_medium, 6);
  EXPECT_EQ(TierOf(9, cuts), Tier::kHigh);
  EXPECT_EQ(TierOf(8.99, cuts), Tier::kMedium);
  EXPECT_EQ(TierOf(6, cuts), Tier::kMedium);
  EXPECT_EQ(TierOf(5, cuts), Tier::kLow);
}

TEST(CutPoints, ShareOfNobody_IsOutOfReach) {
  PopulationValues values;
  values.clv = {1, 2, 3};
  const journal::CutPoints cuts = CutPointsOf(values, {0, 0});
  EXPECT_TRUE(std::isinf(cuts.clv_high));
  EXPECT_EQ(TierOf(1e300, cuts), Tier::kLow);
}

TEST(CutPoints, ShareOfEverybody_IsTheLowestValue) {
  PopulationValues values;
  values.clv = {1, 2, 3};
  const journal::CutPoints cuts = CutPointsOf(values, {1, 0});
  EXPECT_EQ(cuts.clv_high, 1);
  EXPECT_EQ(cuts.clv_medium, 1);
}

TEST(CutPoints, Tie_SharesTheHigherTier) {
  PopulationValues values;
  values.clv = {0, 5, 5, 5, 5, 5, 5, 5, 5, 5};
  EXPECT_EQ(CutPointsOf(values, {0.2, 0.3}).clv_high, 5);
}

TEST(CutPoints, EmptyPopulation_HasNoQuintiles) {
  const journal::CutPoints cuts = CutPointsOf({}, {0.2, 0.3});
  EXPECT_TRUE(cuts.recency_days.empty());
  EXPECT_EQ(TierOf(5, cuts), Tier::kLow);
}

TEST(RfmScore, Quintiles_RunFromWorstToBest) {
  PopulationValues values;
  for (int i = 10; i >= 1; --i) values.frequency.push_back(i);
  const auto ends = CutPointsOf(values, {}).frequency;
  EXPECT_EQ(ends, (std::vector<double>{2, 4, 6, 8}));
  EXPECT_EQ(RfmScore(1, ends, false), 1);
  EXPECT_EQ(RfmScore(2, ends, false), 1);
  EXPECT_EQ(RfmScore(3, ends, false), 2);
  EXPECT_EQ(RfmScore(10, ends, false), 5);
  EXPECT_EQ(RfmScore(2, ends, true), 5);
  EXPECT_EQ(RfmScore(100, ends, true), 1);
}

TEST(RfmScore, MostlyOneTimeBuyers_ShareTheLowestScore) {
  PopulationValues values;
  values.frequency = {1, 1, 1, 1, 1, 1, 1, 2, 3, 9};
  const auto ends = CutPointsOf(values, {}).frequency;
  EXPECT_EQ(RfmScore(1, ends, false), 1);
  EXPECT_EQ(RfmScore(2, ends, false), 4);
  EXPECT_EQ(RfmScore(9, ends, false), 5);
}

}  // namespace
}  // namespace tenure::customers
