#include "server/planning/split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "server/base/random.h"

namespace tenure::planning {
namespace {

constexpr int64_t kNoMax = std::numeric_limits<int64_t>::max();

TEST(SplitByWeight, Thirds_SumExactlyByLargestRemainder) {
  const std::vector<Bounds> open(3, {0, kNoMax});
  EXPECT_THAT(SplitByWeight(100, {1.0, 1.0, 1.0}, open), testing::ElementsAre(34, 33, 33));
  EXPECT_THAT(SplitByWeight(10, {0.0, 0.0, 0.0}, open), testing::ElementsAre(4, 3, 3));
  EXPECT_THAT(SplitByWeight(0, {1.0, 2.0, 3.0}, open), testing::ElementsAre(0, 0, 0));
}

TEST(SplitByWeightDeath, WeightBelowZeroOrNone_EndsTheProcess) {
  const std::vector<Bounds> open(2, {0, kNoMax});
  for (const double weight : {-1.0, std::nan(""), HUGE_VAL}) {
    EXPECT_DEATH(SplitByWeight(100, {1.0, weight}, open), "weight >= 0");
  }
}

TEST(SplitByWeight, Bounds_AreKeptAndTheRestShared) {
  EXPECT_THAT(SplitByWeight(100, {1.0, 1.0, 1.0}, {{50, kNoMax}, {0, kNoMax}, {0, kNoMax}}),
              testing::ElementsAre(50, 25, 25));
  EXPECT_THAT(SplitByWeight(100, {8.0, 1.0, 1.0}, {{0, 20}, {0, kNoMax}, {0, kNoMax}}),
              testing::ElementsAre(20, 40, 40));
  EXPECT_THAT(SplitByWeight(100, {1.0, 1.0}, {{0, 20}, {0, 30}}), testing::ElementsAre(20, 30));
}

TEST(SplitByWeight, RandomFeasibleBounds_SumToTheWhole) {
  for (uint64_t seed = 1; seed <= 2'000; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const size_t n = 1 + random.Below(6);
    std::vector<double> weights;
    std::vector<Bounds> bounds;
    int64_t low = 0, high = 0;
    for (size_t i = 0; i < n; ++i) {
      weights.push_back(random.Below(4) == 0 ? 0 : random.Uniform());
      const auto min = static_cast<int64_t>(random.Below(1'000));
      const auto max = min + static_cast<int64_t>(random.Below(1'000));
      bounds.push_back({min, max});
      low += min;
      high += max;
    }
    const int64_t total =
        low + static_cast<int64_t>(random.Below(static_cast<uint64_t>(high - low) + 1));
    const std::vector<int64_t> parts = SplitByWeight(total, weights, bounds);
    EXPECT_EQ(std::accumulate(parts.begin(), parts.end(), int64_t{0}), total);
    for (size_t i = 0; i < n; ++i) {
      EXPECT_GE(parts[i], bounds[i].min_micros);
      EXPECT_LE(parts[i], bounds[i].max_micros);
    }
  }
}

}  // namespace
}  // namespace tenure::planning
