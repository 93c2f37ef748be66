#include "server/base/time.h"

#include <gtest/gtest.h>

namespace tenure {
namespace {

TEST(ParseInstant, DayAndRfc3339_Agree) {
  EXPECT_EQ(ParseInstant("2018-01-03").value(), ParseInstant("2018-01-03T02:00:00+02:00").value());
  EXPECT_EQ(FormatInstant(ParseInstant("2018-01-03T10:00:00.25Z").value()),
            "2018-01-03T10:00:00.25Z");
}

TEST(ParseInstant, UsualForms_AgreeWithAnOffset) {
  // Every day of four centuries, by the civil calendar's own leap years.
  for (int64_t day = -73'000; day < 73'000; day += 13) {
    const int64_t at_us = day * kMicrosPerDay + (day % 86'400) * kMicrosPerSecond;
    const std::string text = FormatInstant(at_us);
    EXPECT_EQ(ParseInstant(text).value(), at_us) << text;
    const std::string offset = text.substr(0, text.size() - 1) + "+00:00";
    EXPECT_EQ(ParseInstant(offset).value(), at_us) << offset;
  }
  EXPECT_TRUE(ParseInstant("2016-02-29").ok());
}

TEST(ParseInstant, Malformed_IsRefused) {
  for (const char* text :
       {"", "2018-13-01", "03/01/2018", "2018-02-30", "tomorrow", "infinite-fu"}) {
    EXPECT_FALSE(ParseInstant(text).ok()) << text;
  }
}

TEST(DayOf, BeforeTheEpoch_Floors) {
  EXPECT_EQ(DayOf(0), 0);
  EXPECT_EQ(DayOf(-1), -1);
  EXPECT_EQ(DayOf(-kMicrosPerDay), -1);
  EXPECT_EQ(DayOf(kMicrosPerDay), 1);
}

TEST(ParseSpan, SumsOfUnits_AddUp) {
  EXPECT_EQ(ParseSpan("1d12h").value(), 36 * kMicrosPerHour);
  EXPECT_EQ(ParseSpan("2w").value(), 14 * kMicrosPerDay);
  for (const char* text : {"", "7", "d", "-1d", "1y", "101000d", "9999999999999999999s"}) {
    EXPECT_FALSE(ParseSpan(text).ok()) << text;
  }
}

TEST(CalendarWindow, MonthAcrossDaylightSaving_IsHalfOpenInTheZone) {
  const Window march =
      CalendarWindow(ParseInstant("2018-03-15").value(), Period::kMonth, "Europe/Berlin").value();
  EXPECT_EQ(FormatInstant(march.start_us), "2018-02-28T23:00:00Z");
  EXPECT_EQ(FormatInstant(march.end_us), "2018-03-31T22:00:00Z");
}

TEST(CalendarWindow, Week_StartsOnMonday) {
  const Window week =
      CalendarWindow(ParseInstant("2018-01-03").value(), Period::kWeek, "UTC").value();
  EXPECT_EQ(FormatInstant(week.start_us), "2018-01-01T00:00:00Z");
  const Window monday = CalendarWindow(week.start_us, Period::kWeek, "UTC").value();
  EXPECT_EQ(monday.start_us, week.start_us);
}

TEST(CalendarWindow, ZoneOfTheMachine_IsNotFound) {
  for (const char* zone : {"localtime", "posixrules", "libc:localtime", "libc:UTC", ":UTC",
                           "/etc/localtime", "../localtime", "right/UTC", ""}) {
    EXPECT_FALSE(CalendarWindow(0, Period::kDay, zone).ok()) << zone;
  }
  for (const char* zone : {"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5"}) {
    EXPECT_TRUE(CalendarWindow(0, Period::kDay, zone).ok()) << zone;
  }
}

TEST(CalendarWindow, UnknownZone_IsNotFound) {
  EXPECT_EQ(CalendarWindow(0, Period::kDay, "Mars/Olympus").status().code(),
            absl::StatusCode::kNotFound);
}

TEST(NextLocalMinute, SkippedByDaylightSaving_IsTheFirstValidInstant) {
  // Berlin went from 02:00 to 03:00 on 2018-03-25, at 01:00 UTC.
  const int64_t before = ParseInstant("2018-03-25T00:00:00Z").value();
  EXPECT_EQ(FormatInstant(NextLocalMinute(before, 2 * 60 + 30, "Europe/Berlin").value()),
            "2018-03-25T01:00:00Z");
}

TEST(NextLocalMinute, RepeatedByDaylightSaving_IsTheLaterOne) {
  // Berlin went from 03:00 back to 02:00 on 2018-10-28, at 01:00 UTC.
  const int64_t before = ParseInstant("2018-10-27T23:00:00Z").value();
  EXPECT_EQ(FormatInstant(NextLocalMinute(before, 2 * 60 + 30, "Europe/Berlin").value()),
            "2018-10-28T01:30:00Z");
}

TEST(LocalMinute, Zone_ShiftsTheDay) {
  EXPECT_EQ(LocalMinute(ParseInstant("2018-01-03T23:30:00Z").value(), "Europe/Berlin").value(), 30);
}

}  // namespace
}  // namespace tenure
