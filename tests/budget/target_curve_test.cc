#include "server/budget/target_curve.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "server/base/random.h"
#include "server/budget/arrival_curve.h"

namespace tenure::budget {
namespace {

TEST(TargetCurve, Densities_ShareInProportion) {
  const TargetCurve curve({100, 110, 130}, {3, 1}, false);
  EXPECT_DOUBLE_EQ(curve.Share(100, 110), 0.6);
  EXPECT_DOUBLE_EQ(curve.Share(105, 120), 0.5);
  EXPECT_DOUBLE_EQ(curve.Share(0, 1'000), 1);
  EXPECT_DOUBLE_EQ(curve.Share(130, 1'000), 0);
  EXPECT_DOUBLE_EQ(curve.ShareOfRest(110, 120), 0.5);
  EXPECT_DOUBLE_EQ(curve.ShareOfRest(130, 140), 1);
}

TEST(TargetCurve, NothingExpectedAtAll_Uniform) {
  const TargetCurve curve({0, 10, 40}, {0, 0}, false);
  EXPECT_DOUBLE_EQ(curve.Share(0, 10), 0.25);
}

TEST(TargetCurve, FrontLoaded_FallsFromThreeHalvesToAHalf) {
  const TargetCurve curve({0, 10, 20, 30, 40}, {1, 1, 1, 1}, true);
  EXPECT_DOUBLE_EQ(curve.Share(0, 10), 1.375 / 4);
  EXPECT_DOUBLE_EQ(curve.Share(30, 40), 0.625 / 4);
  EXPECT_DOUBLE_EQ(curve.Share(0, 20), 0.625);
}

// Whatever the curve: shares add up, and following ShareOfRest step by step spends all of it along
// the curve.
TEST(TargetCurve, AnyCurve_StepsOfTheRestSumToTheWhole) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    std::vector<int64_t> edges = {static_cast<int64_t>(random.Below(1'000))};
    std::vector<double> density;
    for (uint64_t slices = 1 + random.Below(30); slices > 0; --slices) {
      edges.push_back(edges.back() + 1 + static_cast<int64_t>(random.Below(100)));
      density.push_back(random.Below(4) == 0 ? 0 : random.Uniform());
    }
    const TargetCurve curve(edges, density, random.Below(2) == 0);
    double spent = 0, share = 0;
    for (int64_t at = edges.front(); at < edges.back();) {
      const int64_t to = std::min(edges.back(), at + 1 + static_cast<int64_t>(random.Below(50)));
      spent += (1 - spent) * curve.ShareOfRest(at, to);
      share += curve.Share(at, to);
      EXPECT_NEAR(spent, share, 1e-9);
      EXPECT_NEAR(share, curve.Share(edges.front(), to), 1e-9);
      at = to;
    }
    EXPECT_NEAR(spent, 1, 1e-9);
  }
}

TEST(ArrivalCurve, NothingSeen_Uniform) {
  ArrivalCurve curve;
  EXPECT_FALSE(curve.known());
  for (int hour = 0; hour < kHoursOfWeek; ++hour) curve.Watch(hour, 1);
  EXPECT_FALSE(curve.known());
  for (const double rate : curve.Rates()) EXPECT_EQ(rate, 1);
}

// One hour with 8 arrivals among 167 with none: the mean m = 8/168, its hour of the day
// (8 + m)/(7 + 1), its weekday (8 + m)/(24 + 1), and itself (8 + expected)/(1 + 1).
TEST(ArrivalCurve, AWeekSeen_ShrunkTowardsHourAndWeekday) {
  ArrivalCurve curve;
  for (int hour = 0; hour < kHoursOfWeek; ++hour) curve.Watch(hour, 1);
  for (int i = 0; i < 8; ++i) curve.Arrive(50);  // Wednesday, 2:00
  const auto rates = curve.Rates();
  const double m = 8.0 / 168;
  EXPECT_DOUBLE_EQ(rates[50], (8 + (8 + m) / 8 * (8 + m) / 25 / m) / 2);
  // The same hour of another day, whose own hours saw nobody.
  EXPECT_DOUBLE_EQ(rates[2], (8 + m) / 8 * (m / 25) / m / 2);
  EXPECT_DOUBLE_EQ(rates[51], (m / 8) * (8 + m) / 25 / m / 2);
  EXPECT_LT(rates[3], rates[2]);
}

TEST(ArrivalCurve, ManyWeeks_FindsTheShapeAndForgetsTheOld) {
  const auto watch = [](ArrivalCurve* curve, int weeks, int night, int evening) {
    for (int hour = 0; hour < weeks * kHoursOfWeek; ++hour) {
      const int arrivals = hour % 24 == 20 ? evening : hour % 24 < 6 ? night : 10;
      for (int i = 0; i < arrivals; ++i) curve->Arrive(hour % kHoursOfWeek);
      curve->Watch(hour % kHoursOfWeek, 1);
    }
  };
  ArrivalCurve curve;
  watch(&curve, 30, 0, 40);
  EXPECT_NEAR(curve.Rates()[20] / curve.Rates()[12], 4, 0.2);
  EXPECT_LT(curve.Rates()[3], 0.5);
  watch(&curve, 60, 40, 0);
  EXPECT_NEAR(curve.Rates()[3] / curve.Rates()[12], 4, 0.2);
  EXPECT_LT(curve.Rates()[20], 0.5);
}

}  // namespace
}  // namespace tenure::budget
