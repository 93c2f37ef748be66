#include "server/transactions/date_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "server/base/random.h"
#include "server/base/time.h"
#include "server/base/zone.h"
#include "server/transactions/date_parts.h"

namespace tenure::transactions {
namespace {

using ::testing::HasSubstr;

int64_t Local(const char* text) { return *ParseInstant(text); }

DateReader Utc(absl::string_view format = "") { return DateReader(format, absl::UTCTimeZone()); }

// The local instant as RFC 3339, or why not.
std::string Read(DateReader* reader, absl::string_view text) {
  int64_t usual = 0;
  const bool is_usual = reader->ReadUsual(text, &usual);
  const auto read = reader->Read(text);
  if (!read.ok()) return std::string(read.status().message());
  if (!read->has_value()) return "ambiguous";
  if (is_usual && usual != **read) return "the two ways to read it differ";
  return FormatInstant(**read);
}

TEST(DayOfDate, EveryDayOfTwelveCenturies_FollowsTheOneBefore) {
  int32_t next = *DayOfDate(1500, 1, 1);
  for (int year = 1500; year < 2700; ++year) {
    for (int month = 1; month <= 12; ++month) {
      for (int day = 1; day <= 31; ++day) {
        const auto found = DayOfDate(year, month, day);
        if (!found.has_value()) continue;
        ASSERT_EQ(*found, next++) << year << "-" << month << "-" << day;
        const YearMonth back = MonthOf(*found);
        ASSERT_TRUE(back.year == year && back.month == month) << year << "-" << month;
      }
    }
  }
  EXPECT_EQ(DayOfDate(1970, 1, 1), 0);
  EXPECT_EQ(DayOfDate(2018, 1, 1), 17'532);
  for (const auto& [y, m, d] : {std::tuple{2019, 2, 29},
                                {1900, 2, 29},
                                {2018, 13, 1},
                                {2018, 0, 1},
                                {2018, 4, 31},
                                {2018, 1, 0},
                                {0, 1, 1}}) {
    EXPECT_FALSE(DayOfDate(y, m, d).has_value());
  }
}

TEST(DateReader, Iso8601AndRfc3339_AreReadAndMayBeMixed) {
  DateReader reader = Utc();
  EXPECT_EQ(Read(&reader, "2018-01-03"), "2018-01-03T00:00:00Z");
  EXPECT_EQ(Read(&reader, "2018-01-03T10:15:30Z"), "2018-01-03T10:15:30Z");
  EXPECT_EQ(Read(&reader, "2018-01-03 10:15"), "2018-01-03T10:15:00Z");
  EXPECT_EQ(Read(&reader, "2018-01-03T10:15:30.25+02:00"), "2018-01-03T08:15:30.25Z");
  EXPECT_EQ(Read(&reader, "2018-01-03T01:00:00+0200"), "2018-01-02T23:00:00Z");
  EXPECT_EQ(reader.form(), "yyyy-mm-dd");
  EXPECT_EQ(reader.evidence(), "");
}

TEST(DateReader, DayOrMonthFirst_IsToldByTheFirstThatCan) {
  DateReader reader = Utc();
  EXPECT_EQ(Read(&reader, "03/01/2018"), "ambiguous");
  EXPECT_EQ(Read(&reader, "05/05/2018"), "2018-05-05T00:00:00Z");  // either way
  EXPECT_TRUE(reader.ambiguous());
  EXPECT_EQ(Read(&reader, "25/12/2017"), "2017-12-25T00:00:00Z");
  EXPECT_EQ(reader.form(), "dd/mm/yyyy");
  EXPECT_EQ(reader.evidence(), "25/12/2017");
  EXPECT_EQ(Read(&reader, "03/01/2018"), "2018-01-03T00:00:00Z");
  EXPECT_THAT(Read(&reader, "12/25/2017"), HasSubstr("dd/mm/yyyy, as `25/12/2017` shows"));
  DateReader american = Utc();
  EXPECT_EQ(Read(&american, "1/31/2018 10:15 pm"), "2018-01-31T22:15:00Z");
  EXPECT_EQ(Read(&american, "1/3/2018 12:15 AM"), "2018-01-03T00:15:00Z");
}

TEST(DateReader, OtherForms_AreFoundOut) {
  const struct {
    const char* text;
    const char* read;
    const char* form;
  } cases[] = {{"3.1.2018", "2018-01-03T00:00:00Z", "dd.mm.yyyy"},
               {"2018/01/03", "2018-01-03T00:00:00Z", "yyyy/mm/dd"},
               {"20180103", "2018-01-03T00:00:00Z", "yyyymmdd"},
               {"1514973600", "2018-01-03T10:00:00Z", "Unix seconds"},
               {"1514973600500", "2018-01-03T10:00:00.5Z", "Unix milliseconds"}};
  for (const auto& one : cases) {
    DateReader reader = Utc();
    EXPECT_EQ(Read(&reader, one.text), one.read);
    EXPECT_EQ(reader.form(), one.form);
  }
}

TEST(DateReader, StatedFormats_AreFollowed) {
  DateReader first = Utc("%m/%d/%Y");
  EXPECT_EQ(Read(&first, "03/01/2018"), "2018-03-01T00:00:00Z");
  EXPECT_THAT(Read(&first, "25/12/2017"), HasSubstr("does not follow --date-format %m/%d/%Y"));
  DateReader named = Utc("%d %b %Y");
  EXPECT_EQ(Read(&named, "3 Jan 2018"), "2018-01-03T00:00:00Z");
  EXPECT_EQ(Read(&named, "3 Jan 2018"), "2018-01-03T00:00:00Z");
  for (const char* text :
       {"infinite-future", "infinite-past", "3 Jan 12018", "3 Jan -5", "31 Feb 2018"}) {
    EXPECT_THAT(Read(&named, text), HasSubstr("does not follow")) << text;
  }
}

TEST(DateReader, Zone_SaysTheDayOfInstantsAndOfTimesWithoutAnOffset) {
  const absl::TimeZone berlin = *LoadZone("Europe/Berlin");
  DateReader reader("", berlin);
  EXPECT_EQ(*reader.Read("2018-01-03T23:30:00Z"), Local("2018-01-04T00:30:00Z"));
  EXPECT_EQ(*reader.Read("2018-07-03T21:30:00Z"), Local("2018-07-03T23:30:00Z"));
  EXPECT_EQ(*reader.Read("2018-01-03 23:30"), Local("2018-01-03T23:30:00Z"));
  EXPECT_EQ(*reader.Read("2018-01-03"), Local("2018-01-03"));
  DateReader unix_seconds("%s", berlin);
  EXPECT_EQ(*unix_seconds.Read("1515022200"), Local("2018-01-04T00:30:00Z"));
}

TEST(DateReader, WhatIsNoDate_IsRefusedWithTheRemedy) {
  for (const char* text :
       {"soon", "2018-02-30", "2018-1", "31/31/2018", "03/01/18", "2018-01-03T25:00", "2018-01-03X",
        "2018-01-03T10:00+1", "1234567", "99999999", "32.1.2018", "0000-01-01",
        "2018-01-03T10:00:00.", "infinite-past"}) {
    DateReader reader = Utc();
    EXPECT_FALSE(reader.Read(text).ok()) << text;
    int64_t usual = 0;
    EXPECT_FALSE(reader.ReadUsual(text, &usual)) << text;
  }
  DateReader reader = Utc();
  EXPECT_THAT(Read(&reader, "soon"), HasSubstr("--date-format"));
  EXPECT_THAT(Read(&reader, ""), HasSubstr("is empty"));
  EXPECT_EQ(Read(&reader, "2018-01-03"), "2018-01-03T00:00:00Z");
  EXPECT_THAT(Read(&reader, "03/01/2018"), HasSubstr("of the rows before it, yyyy-mm-dd"));
  EXPECT_THAT(Read(&reader, "20180103"), HasSubstr("of the rows before it"));
}

TEST(DateReader, RandomBytes_AreReadOrRefused) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Random random(seed);
    DateReader reader = Utc();
    for (int i = 0; i < 200; ++i) {
      std::string text;
      const absl::string_view letters = "0123456789-/.:T +Zpm";
      for (size_t n = random.Below(24); n > 0; --n) text += letters[random.Below(letters.size())];
      (void)Read(&reader, text);
    }
  }
}

}  // namespace
}  // namespace tenure::transactions
