#include "server/validation/tracking.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "server/validation/tracking_shape.h"

namespace tenure::validation {
namespace {

// A purchase every ten days of a customer's life.
double EveryTenDays(double days) { return days / 10; }

TEST(Track, EachCustomer_EntersAtTheirOwnFirstPurchase) {
  const std::vector<int64_t> first = {100, 100, 105};
  const std::vector<int64_t> repeats = {109, 101, 120, 121, 500, 99};
  const Tracking tracking = *Track({first, repeats, 110, 124}, EveryTenDays);
  // Weeks end with the split, day 110: 103, 110, 117, 124.
  ASSERT_EQ(tracking.weeks.size(), 4u);
  EXPECT_EQ(tracking.weeks[0].end_day, 103);
  EXPECT_EQ(tracking.weeks[0].days, 3);
  EXPECT_DOUBLE_EQ(tracking.weeks[0].expected_total, 0.6);
  EXPECT_EQ(tracking.weeks[0].actual_total, 1);
  EXPECT_FALSE(tracking.weeks[1].holdout);
  EXPECT_DOUBLE_EQ(tracking.weeks[1].expected_total, 2.5);
  EXPECT_DOUBLE_EQ(tracking.weeks[1].expected, 1.9);
  EXPECT_EQ(tracking.weeks[1].actual, 1);
  EXPECT_TRUE(tracking.weeks[2].holdout);
  EXPECT_EQ(tracking.weeks[2].actual, 0);
  EXPECT_EQ(tracking.weeks[3].actual, 2);
  EXPECT_DOUBLE_EQ(tracking.weeks[3].expected_total, 6.7);
  EXPECT_DOUBLE_EQ(tracking.calibration_expected, 2.5);
  EXPECT_DOUBLE_EQ(tracking.holdout_expected, 4.2);
  EXPECT_EQ(tracking.holdout_actual, 2);
  EXPECT_EQ(tracking.days_left_out, 0);
}

TEST(Track, DaysAtTheEndThatMakeNoWeek_AreLeftOutAndCounted) {
  const Tracking tracking =
      *Track({std::vector<int64_t>{0}, std::vector<int64_t>{}, 7, 20}, EveryTenDays);
  EXPECT_EQ(tracking.weeks.back().end_day, 14);
  EXPECT_EQ(tracking.days_left_out, 6);
}

TEST(Track, EverybodyComesOnTheSplit_TracksTheHoldoutAlone) {
  const Tracking tracking =
      *Track({std::vector<int64_t>{50, 50}, std::vector<int64_t>{60}, 50, 64}, EveryTenDays);
  ASSERT_EQ(tracking.weeks.size(), 2u);
  EXPECT_TRUE(tracking.weeks[0].holdout);
  EXPECT_EQ(tracking.weeks[1].actual_total, 1);
  EXPECT_DOUBLE_EQ(tracking.weeks[1].expected_total, 2.8);
}

TEST(Track, InputThatCantBe_IsRefused) {
  const std::vector<int64_t> first = {10};
  EXPECT_FALSE(Track({{}, {}, 10, 20}, EveryTenDays).ok());
  EXPECT_FALSE(Track({first, {}, 9, 20}, EveryTenDays).ok());
  EXPECT_FALSE(Track({first, {}, 10, 9}, EveryTenDays).ok());
  EXPECT_FALSE(Track({first, {}, 10, 10 + 36'501}, EveryTenDays).ok());
  EXPECT_TRUE(Track({first, {}, 10, 10 + 36'500}, EveryTenDays).ok());
}

// Weeks of 100 expected purchases, `actual` of them as given.
Tracking Weeks(const std::vector<double>& actual) {
  Tracking tracking;
  double total = 0;
  for (size_t i = 0; i < actual.size(); ++i) {
    total += actual[i];
    tracking.weeks.push_back({static_cast<int64_t>(7 * i), 7, true, 100, actual[i],
                              100.0 * static_cast<double>(i + 1), total});
  }
  return tracking;
}

TEST(TrackingShape, SecondHalfHigher_IsADrift) {
  const TrackingShape up = ShapeOf(Weeks({100, 100, 100, 100, 150, 150, 150, 150}));
  EXPECT_DOUBLE_EQ(up.drift, 0.5);
  EXPECT_NEAR(up.drift_standard_error, 1.5 * std::sqrt(1.0 / 400 + 1.0 / 600), 1e-12);
  EXPECT_EQ(ShapeOf(Weeks({100, 150, 150})).drift, 0) << "too few weeks";
}

TEST(TrackingShape, BlocksThatVaryMoreThanChance_AreASeason) {
  const double low = 50, high = 150;
  const TrackingShape season = ShapeOf(Weeks(
      {low, low, low, low, high, high, high, high, low, low, low, low, high, high, high, high}));
  EXPECT_NEAR(season.season, 0.5, 0.01);
  EXPECT_EQ(ShapeOf(Weeks({100, 102, 98, 100, 99, 101, 100, 100, 97, 103, 100, 100})).season, 0);
}

}  // namespace
}  // namespace tenure::validation
