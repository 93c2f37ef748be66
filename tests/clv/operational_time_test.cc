#include "server/clv/operational_time.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "server/base/random.h"

namespace tenure::clv {
namespace {

// What ChangedTime must be: every day's multiplier times its changes.
OperationalTime DayByDay(const std::vector<double>& season,
                         const std::vector<RateChange>& changes) {
  std::vector<double> multipliers = season;
  for (const RateChange& change : changes) {
    for (int day = change.from; day < change.to; ++day) {
      if (day < static_cast<int>(season.size())) multipliers[static_cast<size_t>(day)] *= change.by;
    }
  }
  OperationalTime time;
  time.Assign(multipliers);
  return time;
}

TEST(ChangedTime, IsEverybodysDayByDayTimesTheChanges) {
  Random random(7);
  ChangedTime changed;
  for (int shop = 0; shop < 300; ++shop) {
    std::vector<double> season;
    for (int day = 0; day < 120; ++day) season.push_back(0.2 + random.Uniform());
    OperationalTime everybody;
    everybody.Assign(season);
    std::vector<RateChange> changes;
    for (int i = 0; i < shop % 9; ++i) {  // that overlap, touch, and reach beyond the days
      const int from = static_cast<int>(random.Below(125));
      const int length = 1 + static_cast<int>(random.Below(30));
      changes.push_back({from, from + length, 2 * random.Uniform()});
    }
    const OperationalTime truth = DayByDay(season, changes);
    changed.Assign(&everybody, &changes);
    for (double time = 0; time <= 121; time += 0.37) {
      ASSERT_NEAR(changed.At(time), truth.At(time), 1e-10) << "shop " << shop << " day " << time;
      const double elapsed = truth.At(time);
      ASSERT_NEAR(changed.Reaches(elapsed), truth.Reaches(elapsed), 1e-7 * (1 + time));
    }
    ASSERT_EQ(changed.Reaches(1e6), 120);
  }
}

TEST(ChangedTime, StoppedForAWhile_GoesOnAfterIt) {
  const std::vector<double> season(50, 1.0);
  OperationalTime everybody;
  everybody.Assign(season);
  std::vector<RateChange> changes = {{10, 20, 0}};
  ChangedTime changed;
  changed.Assign(&everybody, &changes);
  EXPECT_EQ(changed.At(9.5), 9.5);
  EXPECT_EQ(changed.At(15), 10);
  EXPECT_EQ(changed.At(25), 15);
  EXPECT_EQ(changed.Reaches(10.5), 20.5);
  changes = {{40, 60, 0}};
  changed.Assign(&everybody, &changes);
  EXPECT_EQ(changed.Reaches(41), 50);  // never
}

}  // namespace
}  // namespace tenure::clv
