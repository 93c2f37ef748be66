#include "server/budget/paced_budget.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "server/base/hash.h"
#include "server/base/random.h"
#include "server/budget/pacer.h"

namespace tenure::budget {
namespace {

using journal::PacingRecord;
using journal::PacingState;

constexpr int64_t kStart = 1'000 * kPaceStepUs;
constexpr int64_t kStale = kMicrosPerHour;

TargetCurve DayCurve() { return TargetCurve({kStart, kStart + kMicrosPerDay}, {1}, false); }

TEST(Pacer, OnTarget_PressureStays) {
  const Pace pace = Correct(PaceAt(0.3, true), {1'000, 10, 10, 1}, true);
  EXPECT_DOUBLE_EQ(pace.pressure, 0.3);
  EXPECT_DOUBLE_EQ(pace.factor, std::exp(0.3));
  EXPECT_EQ(pace.pass_share, 1);
}

// A thousandth of the limit too much, at the full gain of 50: five hundredths.
TEST(Pacer, TooMuchSpent_PriceRisesByTheGain) {
  EXPECT_DOUBLE_EQ(Correct({}, {1e6, 3'000, 2'000, 1}, true).pressure, 0.05);
  EXPECT_DOUBLE_EQ(Correct({}, {1e6, 1'000, 2'000, 1}, true).pressure, -0.05);
  // A hundred holds make up the limit: five pieces of twenty.
  EXPECT_DOUBLE_EQ(Correct({}, {1e6, 3'000, 2'000, 1e4}, true).pressure, 0.005);
  // As little where nothing is known.
  EXPECT_DOUBLE_EQ(Correct({}, {1e6, 3'000, 2'000, 0}, true).pressure, 0.005);
}

TEST(Pacer, OneStep_AtMostDoublesOrHalves) {
  EXPECT_DOUBLE_EQ(Correct({}, {1'000, 1'000, 0, 1}, true).factor, 2);
  EXPECT_DOUBLE_EQ(Correct({}, {1'000, -1'000, 0, 1}, true).factor, 0.5);
}

TEST(Pacer, PriceAtItsMost_ThrottleComesLastAndGoesFirst) {
  Pace pace;
  const PaceMeasure much = {1'000, 1'000, 0, 1};
  for (int step = 0; step < 3; ++step) pace = Correct(pace, much, true);
  EXPECT_EQ(pace.factor, 8);
  EXPECT_NEAR(pace.pass_share, 1, 1e-12);
  for (int step = 0; step < 2; ++step) pace = Correct(pace, much, true);
  EXPECT_EQ(pace.factor, 8);
  EXPECT_NEAR(pace.pass_share, 0.25, 1e-12);
  for (int step = 0; step < 20; ++step) pace = Correct(pace, much, true);
  EXPECT_EQ(pace.pass_share, kMinPassShare);
  // No wind-up: seven halvings and it is open, and only then the price falls.
  const PaceMeasure little = {1'000, 0, 1'000, 1};
  for (int step = 0; step < 7; ++step) {
    EXPECT_EQ(pace.factor, 8);
    pace = Correct(pace, little, true);
  }
  EXPECT_NEAR(pace.pass_share, 1, 1e-12);
  EXPECT_NEAR(Correct(pace, little, true).factor, 4, 1e-9);
}

TEST(Pacer, NoPlannedPrice_ThrottleOnly) {
  Pace pace = Correct({}, {1'000, 1'000, 0, 1}, false);
  EXPECT_EQ(pace.factor, 1);
  EXPECT_DOUBLE_EQ(pace.pass_share, 0.5);
  pace = Correct({}, {1'000, 0, 1'000, 1}, false);
  EXPECT_EQ(pace.pressure, 0);
  EXPECT_EQ(pace.factor, 1);
}

TEST(Pacer, AnyMeasures_FactorAndShareStayInTheirBounds) {
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    const bool priced = random.Below(2) == 0;
    Pace pace;
    for (int step = 0; step < 300; ++step) {
      const double scale = std::pow(10, 12 * random.Uniform());
      const PaceMeasure measure{random.Below(20) == 0 ? 0 : scale, scale * (random.Uniform() - 0.3),
                                scale * random.Uniform(),
                                random.Below(3) == 0 ? 0 : scale / 100 * random.Uniform()};
      pace = Correct(pace, measure, priced);
      ASSERT_TRUE(std::isfinite(pace.pressure));
      ASSERT_GE(pace.factor, 1.0 / 8);
      ASSERT_LE(pace.factor, 8);
      ASSERT_GE(pace.pass_share, kMinPassShare);
      ASSERT_LE(pace.pass_share, 1);
      ASSERT_TRUE(priced || pace.factor == 1);
      ASSERT_TRUE(!priced || pace.pass_share == 1 || pace.factor == 8);
    }
  }
}

TEST(Passes, AShare_LetsThatManyThroughTheSameAllDayAndOthersTheNext) {
  int passed = 0, moved = 0;
  for (uint64_t customer = 0; customer < 10'000; ++customer) {
    const uint64_t hash = CombineHash(customer, 7);
    EXPECT_TRUE(Passes(1, hash, 3));
    passed += Passes(0.25, hash, 3) ? 1 : 0;
    moved += Passes(0.25, hash, 3) != Passes(0.25, hash, 4) ? 1 : 0;
    // Who passes a narrow gate passes a wider one.
    EXPECT_TRUE(!Passes(0.25, hash, 3) || Passes(0.5, hash, 3));
  }
  EXPECT_NEAR(passed, 2'500, 200);
  EXPECT_NEAR(moved, 3'750, 200);
}

// Drives a budget through steps of its own.
class Paced : public testing::Test {
 protected:
  PacingRecord Step(int64_t spent_micros, double rate = 120) {
    now_us_ += kPaceStepUs;
    const std::vector<PaceReading> readings = {{"b/s", kLimit, spent_micros, true}};
    const PacingRecord record = paced_.Next(now_us_, readings, target_, rate, kStale);
    paced_.Apply(record, now_us_, 5);
    return record;
  }

  static constexpr int64_t kLimit = 288'000'000;  // a unit a step, on a uniform day
  PacedBudget paced_{"b"};
  const TargetCurve target_ = DayCurve();
  int64_t now_us_ = kStart - kPaceStepUs;
};

TEST_F(Paced, FirstStepOfAPeriod_BeginsAtThePlannedPrice) {
  EXPECT_TRUE(paced_.IsDue(kStart));
  const PacingRecord record = Step(0);
  EXPECT_EQ(record.budget, "b");
  EXPECT_EQ(record.state, PacingState::kBegins);
  EXPECT_EQ(record.envelopes[0].factor, 1);
  EXPECT_FALSE(paced_.IsDue(kStart + kPaceStepUs - 1));
  EXPECT_TRUE(paced_.IsDue(kStart + kPaceStepUs));
}

TEST_F(Paced, SpentAsTheCurveSays_PriceStays) {
  Step(0);
  paced_.Arrive(5, now_us_ + 1);
  const PacingRecord record = Step(1'000'000);
  EXPECT_EQ(record.state, PacingState::kFollows);
  EXPECT_NEAR(record.envelopes[0].pressure, 0, 1e-12);
  EXPECT_DOUBLE_EQ(record.envelopes[0].target_micros, 1e6);
}

TEST_F(Paced, SpentBeyondTheCurve_PriceRisesAndTheRestIsSpreadAnew) {
  Step(0);
  paced_.Arrive(5, now_us_ + 1);
  paced_.AddHold(1'000);
  const PacingRecord record = Step(3'000'000);
  EXPECT_NEAR(record.envelopes[0].pressure, 50 * 2.0 / 288, 1e-12);
  // 285 are left for 287 steps.
  paced_.Arrive(5, now_us_ + 1);
  const PacingRecord next = Step(3'000'000);
  EXPECT_NEAR(next.envelopes[0].pressure, 50 * (2 - 285.0 / 287) / 288, 1e-12);
}

TEST_F(Paced, NobodyCame_NothingIsCorrectedUntilSomebodyDoes) {
  Step(0);
  paced_.Arrive(5, now_us_ + 1);
  Step(1'000'000);
  for (int quiet = 1; quiet <= 2; ++quiet) {
    const PacingRecord record = Step(1'000'000);
    EXPECT_EQ(record.state, PacingState::kQuiet);
    EXPECT_NEAR(record.envelopes[0].pressure, 0, 1e-12);
  }
  // What was not spent while nobody came counts once somebody has: the three steps together. A
  // quiet step spreads what is left over the rest, so that they ask for slightly more.
  paced_.Arrive(5, now_us_ + 1);
  const PacingRecord record = Step(4'000'000);
  EXPECT_EQ(record.state, PacingState::kFollows);
  EXPECT_NEAR(record.envelopes[0].pressure, 0, 0.001);
}

TEST_F(Paced, SilenceWhereManyAreExpected_FrozenAndStaleUntilSomebodyComes) {
  Step(0);
  paced_.Arrive(5, now_us_);
  PacingRecord record = Step(3'000'000);
  const double frozen = record.envelopes[0].pressure;
  int steps = 0;
  // 120 an hour: twenty are missing after ten minutes, an hour must pass too.
  while (record.state != PacingState::kStale && steps < 100) {
    record = Step(3'000'000);
    ++steps;
  }
  EXPECT_EQ(steps, 11);
  EXPECT_NEAR(record.missed_arrivals, 110, 1e-9);
  EXPECT_EQ(record.envelopes[0].pressure, frozen);
  paced_.Arrive(5, now_us_ + 1);
  record = Step(4'100'000);
  EXPECT_EQ(record.state, PacingState::kFollows);
  EXPECT_EQ(record.missed_arrivals, 0);
  // The silence left no debt: what was not spent is spread over the rest.
  EXPECT_NEAR(record.envelopes[0].pressure, frozen, 0.02);
}

// Neither a new plan nor a new period is somebody who comes.
TEST_F(Paced, NewPlanInASilence_StaysStaleAtThePlannedPrice) {
  Step(0);
  paced_.Arrive(5, now_us_);
  PacingRecord record = Step(3'000'000);
  for (int step = 0; step < 20; ++step) record = Step(3'000'000);
  ASSERT_EQ(record.state, PacingState::kStale);
  EXPECT_NE(record.envelopes[0].factor, 1);
  paced_.Begin();
  record = Step(3'000'000);
  EXPECT_EQ(record.state, PacingState::kStale);
  EXPECT_EQ(record.envelopes[0].factor, 1);
  paced_.Arrive(5, now_us_ + 1);
  EXPECT_EQ(Step(3'000'000).state, PacingState::kFollows);
}

TEST_F(Paced, SilenceWhereFewAreExpected_IsQuietNotStale) {
  Step(0);
  paced_.Arrive(5, now_us_);
  Step(1'000'000);
  for (int step = 0; step < 100; ++step) {
    EXPECT_EQ(Step(1'000'000, 1).state, PacingState::kQuiet);
  }
}

TEST_F(Paced, TimeUnseen_PriceKeptAndHoursNotWatched) {
  Step(0);
  paced_.Arrive(5, now_us_ + 1);
  const double pressure = Step(5'000'000).envelopes[0].pressure;
  const double watched = paced_.curve().hours().watched[5];
  now_us_ += 6 * kMicrosPerHour;
  paced_.Arrive(5, now_us_ + 1);
  const PacingRecord record = Step(5'000'000);
  EXPECT_EQ(record.state, PacingState::kGap);
  EXPECT_EQ(record.envelopes[0].pressure, pressure);
  EXPECT_EQ(paced_.curve().hours().watched[5], watched);
}

TEST_F(Paced, ANewPlan_BeginsAtItsPrices) {
  Step(0);
  paced_.Arrive(5, now_us_ + 1);
  EXPECT_GT(Step(5'000'000).envelopes[0].pressure, 0);
  paced_.Begin();
  EXPECT_TRUE(paced_.IsDue(now_us_));
  EXPECT_EQ(Step(5'000'000).envelopes[0].pressure, 0);
}

// Kept, put back, and told the same: the same records, bit for bit.
TEST_F(Paced, StateKeptAndRestored_SameRecords) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    PacedBudget first("b");
    int64_t now_us = kStart, spent = 0;
    PacedBudget second("b");
    for (int step = 0; step < 200; ++step) {
      if (step == 100) second = PacedBudget(first.state());
      for (uint64_t arrivals = random.Below(4); arrivals > 0; --arrivals) {
        const auto hold = static_cast<int64_t>(random.Below(2'000'000));
        const auto hour = static_cast<int>(random.Below(kHoursOfWeek));
        for (PacedBudget* paced : {&first, &second}) {
          paced->Arrive(hour, now_us);
          paced->AddHold(hold);
        }
        spent += hold;
      }
      now_us += random.Below(20) == 0 ? kMicrosPerHour : kPaceStepUs;
      const std::vector<PaceReading> readings = {{"b/s", kLimit, spent, true},
                                                 {"b/t", kLimit / 3, spent / 4, false}};
      const auto hour = static_cast<int>(random.Below(kHoursOfWeek));
      const double rate = 50 * random.Uniform();
      const PacingRecord record = first.Next(now_us, readings, target_, rate, kStale);
      if (step >= 100) {
        ASSERT_EQ(Encode(second.Next(now_us, readings, target_, rate, kStale)), Encode(record));
        second.Apply(record, now_us, hour);
      }
      first.Apply(record, now_us, hour);
    }
    EXPECT_EQ(first.curve().Rates(), second.curve().Rates());
  }
}

// A budget whose customers take twice what the plan expected comes out on the curve.
TEST_F(Paced, TwiceThePlannedDemand_SpendFollowsTheCurve) {
  Step(0);
  double spent = 0;
  for (int step = 1; step < 288; ++step) {
    paced_.Arrive(5, now_us_ + 1);
    paced_.AddHold(10'000);
    spent += 2e6 / paced_.in_force().envelopes[0].factor;
    Step(static_cast<int64_t>(spent));
    EXPECT_NEAR(spent, step * 1e6, 0.1 * static_cast<double>(kLimit)) << step;
  }
  EXPECT_NEAR(paced_.in_force().envelopes[0].factor, 2, 0.2);
  EXPECT_NEAR(spent, 287e6, 3e6);
}

}  // namespace
}  // namespace tenure::budget
