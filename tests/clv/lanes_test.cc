#include "server/clv/lanes.h"

#include <gtest/gtest.h>

#include <cmath>

#include "server/base/random.h"

namespace tenure::clv {
namespace {

constexpr double kUlp = 0x1p-52;

TEST(Lanes, Exponentials_AreThoseOfTheLibrary) {
  Random random(1);
  for (int i = 0; i < 20'000; ++i) {
    Lanes x;
    for (size_t j = 0; j < kLanes; ++j) {
      x[j] = (2 * random.Uniform() - 1) * (i % 2 == 0 ? 708 : 0.5);
    }
    const Lanes powers = Exp(x);
    for (size_t j = 0; j < kLanes; ++j) {
      EXPECT_NEAR(powers[j] / std::exp(x[j]), 1, 2 * kUlp) << x[j];
    }
  }
}

TEST(Lanes, ExponentialsLessOne_AreThoseOfTheLibrary) {
  Random random(4);
  for (int i = 0; i < 20'000; ++i) {
    Lanes x;
    for (size_t j = 0; j < kLanes; ++j) {
      x[j] =
          -std::exp((2 * random.Uniform() - 1) * (i % 2 == 0 ? 6.5 : 40) - (i % 2 == 0 ? 0 : 40));
    }
    const Lanes less = Expm1(x);
    for (size_t j = 0; j < kLanes; ++j) {
      EXPECT_NEAR(less[j] / std::expm1(x[j]), 1, 3 * kUlp) << x[j];
    }
  }
  const Lanes ends = Expm1(Lanes{0, -INFINITY, -1e9, -709, -0.0, -1, 0, 0});
  for (const size_t j : {0u, 4u}) EXPECT_EQ(ends[j], 0);
  for (const size_t j : {1u, 2u, 3u}) EXPECT_EQ(ends[j], -1);
}

TEST(Lanes, ExponentialsOutOfRange_AreHeld) {
  const Lanes powers = Exp(Lanes{0, -0.0, -709, -1e9, -INFINITY, 1e9, INFINITY, 1});
  EXPECT_EQ(powers[0], 1);
  EXPECT_EQ(powers[1], 1);
  for (size_t j = 2; j < 5; ++j) EXPECT_EQ(powers[j], 0);
  EXPECT_NEAR(powers[5] / std::exp(709.0), 1, 2 * kUlp);
  EXPECT_EQ(powers[6], powers[5]);
}

TEST(Lanes, ExponentialsOfNan_AreNan) {
  const double nan = std::nan("");
  const Lanes powers = Exp(Lanes{nan, -nan, 1, std::nan("7"), -INFINITY, INFINITY, nan, -709});
  for (const size_t j : {0u, 1u, 3u, 6u}) EXPECT_TRUE(std::isnan(powers[j])) << j;
  EXPECT_NEAR(powers[2] / std::exp(1.0), 1, 2 * kUlp);
  EXPECT_EQ(powers[4], 0);
  EXPECT_NEAR(powers[5] / std::exp(709.0), 1, 2 * kUlp);
  EXPECT_EQ(powers[7], 0);
}

TEST(Lanes, Logarithms_AreThoseOfTheLibrary) {
  Random random(2);
  for (int i = 0; i < 20'000; ++i) {
    Lanes x, y;
    for (size_t j = 0; j < kLanes; ++j) {
      x[j] = std::exp((2 * random.Uniform() - 1) * (i % 2 == 0 ? 700 : 1e-3));
      y[j] = std::exp((2 * random.Uniform() - 1.6) * 40);
    }
    const Lanes logs = Log(x), of_more = Log1p(y);
    for (size_t j = 0; j < kLanes; ++j) {
      EXPECT_NEAR(logs[j], std::log(x[j]), 2 * kUlp * std::abs(std::log(x[j]))) << x[j];
      EXPECT_NEAR(of_more[j] / std::log1p(y[j]), 1, 2 * kUlp) << y[j];
    }
  }
  const Lanes zero = Log1p(Lanes{});
  for (size_t j = 0; j < kLanes; ++j) EXPECT_EQ(zero[j], 0);
}

TEST(Lanes, SmallerAndLarger_AreLaneByLane) {
  const Lanes l{1, -2, 3, 0, 5, -6, 7, 8}, r{2, -3, 3, -1, 5, 6, -7, 9};
  const Lanes smaller = Smaller(l, r), larger = Larger(l, r), size = Magnitude(l);
  for (size_t j = 0; j < kLanes; ++j) {
    EXPECT_EQ(smaller[j], std::min(l[j], r[j]));
    EXPECT_EQ(larger[j], std::max(l[j], r[j]));
    EXPECT_EQ(size[j], std::abs(l[j]));
  }
}

}  // namespace
}  // namespace tenure::clv
