#include "server/base/day_calendar.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "server/base/random.h"
#include "server/base/zone.h"

namespace tenure {
namespace {

int64_t At(absl::string_view text) { return *ParseInstant(text); }
int32_t Day(absl::string_view text) { return DayOf(At(text)); }

TEST(DayCalendar, Utc_IsDayOf) {
  const DayCalendar& utc = DayCalendar::Utc();
  for (const int64_t at_us : {int64_t{-1}, int64_t{0}, At("2018-06-30T23:59:59.999999Z")}) {
    EXPECT_EQ(utc.DayAt(at_us), DayOf(at_us));
    EXPECT_EQ(utc.OffsetAt(at_us), 0);
  }
  EXPECT_EQ(utc.StartOf(Day("2018-06-30")), At("2018-06-30"));
}

TEST(DayCalendar, ZonesWithoutAnOffset_AreUtc) {
  EXPECT_EQ(*DayCalendar::Of("UTC"), &DayCalendar::Utc());
  EXPECT_EQ(*DayCalendar::Of("Etc/GMT"), &DayCalendar::Utc());
  EXPECT_EQ(*DayCalendar::Of("Europe/Berlin"), *DayCalendar::Of("Europe/Berlin"));
}

TEST(DayCalendar, UnknownZone_IsRefusedByName) {
  const auto calendar = DayCalendar::Of("Europe/Atlantis");
  EXPECT_EQ(calendar.status().code(), absl::StatusCode::kNotFound);
  EXPECT_NE(calendar.status().message().find("Europe/Atlantis"), std::string::npos);
}

TEST(DayCalendar, Berlin_ChangesItsClocksTwiceAYear) {
  const DayCalendar& berlin = **DayCalendar::Of("Europe/Berlin");
  EXPECT_EQ(berlin.DayAt(At("2018-07-01T21:59:59Z")), Day("2018-07-01"));
  EXPECT_EQ(berlin.DayAt(At("2018-07-01T22:00:00Z")), Day("2018-07-02"));
  EXPECT_EQ(berlin.DayAt(At("2018-12-01T22:59:59Z")), Day("2018-12-01"));
  EXPECT_EQ(berlin.DayAt(At("2018-12-01T23:00:00Z")), Day("2018-12-02"));
  const int32_t long_day = Day("2018-10-28");
  EXPECT_EQ(berlin.StartOf(long_day + 1) - berlin.StartOf(long_day), 25 * kMicrosPerHour);
  EXPECT_EQ(berlin.OffsetAt(At("2018-10-28T00:59:59Z")), 2 * kMicrosPerHour);
  EXPECT_EQ(berlin.OffsetAt(At("2018-10-28T01:00:00Z")), kMicrosPerHour);
}

// Samoa crossed the date line: there was no 2011-12-30.
TEST(DayCalendar, SkippedDay_BeginsWithTheNext) {
  const DayCalendar& apia = **DayCalendar::Of("Pacific/Apia");
  EXPECT_EQ(apia.DayAt(At("2011-12-30T09:59:59Z")), Day("2011-12-29"));
  EXPECT_EQ(apia.DayAt(At("2011-12-30T10:00:00Z")), Day("2011-12-31"));
  EXPECT_EQ(apia.StartOf(Day("2011-12-30")), apia.StartOf(Day("2011-12-31")));
}

// Clocks in Sao Paulo went from 00:00 on 2018-02-18 back to 23:00: that hour of the 17th came
// twice, and the 18th had not begun.
TEST(DayCalendar, HourBeforeMidnightTwice_IsOfOneDay) {
  const DayCalendar& paulo = **DayCalendar::Of("America/Sao_Paulo");
  EXPECT_EQ(paulo.DayAt(At("2018-02-18T01:59:59Z")), Day("2018-02-17"));
  EXPECT_EQ(paulo.DayAt(At("2018-02-18T02:30:00Z")), Day("2018-02-17"));
  EXPECT_EQ(paulo.DayAt(At("2018-02-18T03:00:00Z")), Day("2018-02-18"));
}

// As Abseil tells the day, but that it never falls; and days begin where it first is theirs.
TEST(DayCalendar, RandomInstants_AreOfTheCivilDay) {
  for (const absl::string_view name :
       {"Europe/Berlin", "America/New_York", "America/Havana", "America/Sao_Paulo", "Pacific/Apia",
        "Asia/Kathmandu", "Australia/Lord_Howe", "Etc/GMT+5", "Europe/Lisbon"}) {
    const absl::TimeZone zone = *LoadZone(name);
    const DayCalendar& calendar = **DayCalendar::Of(name);
    Random random(7);
    for (int i = 0; i < 20'000; ++i) {
      const int64_t at_us =
          static_cast<int64_t>(random.Below(200 * 365)) * kMicrosPerDay -
          100 * 365 * kMicrosPerDay +
          static_cast<int64_t>(random.Below(static_cast<uint64_t>(kMicrosPerDay)));
      SCOPED_TRACE(absl::StrCat(name, " ", FormatInstant(at_us)));
      const absl::TimeZone::CivilInfo info = zone.At(absl::FromUnixMicros(at_us));
      const auto civil = static_cast<int32_t>(absl::CivilDay(info.cs) - absl::CivilDay());
      const int32_t day = calendar.DayAt(at_us);
      ASSERT_GE(day, civil);
      ASSERT_LE(day, calendar.DayAt(at_us + kMicrosPerHour));
      ASSERT_EQ(calendar.OffsetAt(at_us), info.offset * kMicrosPerSecond);
      const int64_t start_us = calendar.StartOf(day);
      ASSERT_LE(start_us, at_us);
      ASSERT_EQ(calendar.DayAt(start_us), day);
      ASSERT_LT(calendar.DayAt(start_us - 1), day);
    }
  }
}

}  // namespace
}  // namespace tenure
