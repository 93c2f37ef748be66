#include "server/planning/drift.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace tenure::planning {
namespace {

TEST(StabilityIndex, TwoBins_IsItsFormula) {
  const std::vector<double> then = {0.5, 0.5}, now = {0.6, 0.4};
  EXPECT_NEAR(StabilityIndex(then, now, 1'000, 1'000), 0.1 * std::log(1.2) - 0.1 * std::log(0.8),
              1e-15);
  EXPECT_EQ(StabilityIndex(then, then, 1'000, 1'000), 0);
}

TEST(StabilityIndex, EmptyBin_CountsAsHalfACustomer) {
  const double index =
      StabilityIndex(std::vector<double>{0.5, 0.5}, std::vector<double>{1, 0}, 100, 100);
  EXPECT_NEAR(index, 0.5 * std::log(2) + (0.005 - 0.5) * std::log(0.01), 1e-12);
}

TEST(IndexByChance, FallsWithTheCustomers) {
  EXPECT_DOUBLE_EQ(IndexByChance(10, 1'000, 500), 9 * 0.003);
  EXPECT_EQ(IndexByChance(0, 1'000, 500), 0);
}

TEST(Deciles, OfDifferentValues_AreTenths) {
  std::vector<double> values;
  for (int i = 1; i <= 100; ++i) values.push_back(i);
  const Distribution deciles = DecilesOf("clv", values);
  EXPECT_EQ(deciles.ends, (std::vector<double>{10, 20, 30, 40, 50, 60, 70, 80, 90}));
  for (const double share : deciles.shares) EXPECT_DOUBLE_EQ(share, 0.1);
}

TEST(Deciles, OfTies_AreFewerAndTogetherOne) {
  const Distribution deciles =
      DecilesOf("frequency", {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 4, 9});
  EXPECT_EQ(deciles.ends, (std::vector<double>{0, 1, 2, 3}));
  EXPECT_EQ(deciles.shares, (std::vector<double>{0.6, 0.15, 0.1, 0.05, 0.1}));
  EXPECT_EQ(DecilesOf("frequency", {7, 7, 7}).shares, (std::vector<double>{1}));
  EXPECT_TRUE(DecilesOf("clv", {}).shares.empty());
}

}  // namespace
}  // namespace tenure::planning
