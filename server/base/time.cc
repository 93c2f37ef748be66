#include "server/base/time.h"

#include <limits>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "server/base/status.h"
#include "server/base/zone.h"

namespace tenure {
namespace {

constexpr int64_t kLongestSpan = 36'525 * kMicrosPerDay;

int64_t UnitOf(char unit) {
  switch (unit) {
    case 's':
      return kMicrosPerSecond;
    case 'm':
      return 60 * kMicrosPerSecond;
    case 'h':
      return kMicrosPerHour;
    case 'd':
      return kMicrosPerDay;
    case 'w':
      return 7 * kMicrosPerDay;
    default:
      return 0;
  }
}

absl::CivilDay StartOf(absl::CivilDay day, Period period) {
  switch (period) {
    case Period::kDay:
      return day;
    case Period::kWeek:
      return absl::PrevWeekday(day + 1, absl::Weekday::monday);
    case Period::kMonth:
      return absl::CivilDay(absl::CivilMonth(day));
    case Period::kQuarter:
      return absl::CivilDay(day.year(), (day.month() - 1) / 3 * 3 + 1, 1);
    case Period::kYear:
      return absl::CivilDay(absl::CivilYear(day));
  }
  return day;
}

absl::CivilDay Next(absl::CivilDay start, Period period) {
  switch (period) {
    case Period::kDay:
      return start + 1;
    case Period::kWeek:
      return start + 7;
    case Period::kMonth:
      return absl::CivilDay(absl::CivilMonth(start) + 1);
    case Period::kQuarter:
      return absl::CivilDay(absl::CivilMonth(start) + 3);
    case Period::kYear:
      return absl::CivilDay(absl::CivilYear(start) + 1);
  }
  return start;
}

}  // namespace

absl::StatusOr<int64_t> ParseInstant(absl::string_view text) {
  absl::Time time;
  std::string error;
  const bool day_only = text.size() == 10;
  const bool parsed = day_only ? absl::ParseTime("%Y-%m-%d", text, &time, &error)
                               : absl::ParseTime(absl::RFC3339_full, text, &time, &error);
  const bool odd = text.empty() || text.front() < '0' || text.front() > '9';
  if (!parsed || odd || time == absl::InfiniteFuture() || time == absl::InfinitePast()) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" is no date; write 2018-01-03 or 2018-01-03T10:00:00Z"));
  }
  return absl::ToUnixMicros(time);
}

std::string FormatInstant(int64_t at_us) {
  return absl::FormatTime("%Y-%m-%d%ET%H:%M:%E*SZ", absl::FromUnixMicros(at_us),
                          absl::UTCTimeZone());
}

std::string FormatDay(int64_t at_us) {
  return absl::FormatTime("%Y-%m-%d", absl::FromUnixMicros(at_us), absl::UTCTimeZone());
}

absl::StatusOr<int64_t> ParseSpan(absl::string_view text) {
  const absl::Status bad = absl::InvalidArgumentError(
      absl::StrCat("\"", text, "\" is no span of time; write 90s, 15m, 24h, 7d, 2w or 1d12h"));
  int64_t total = 0;
  size_t i = 0;
  while (i < text.size()) {
    const size_t start = i;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
    int64_t count = 0;
    if (i == start || i == text.size()) return bad;
    if (!absl::SimpleAtoi(text.substr(start, i - start), &count)) return bad;
    const int64_t unit = UnitOf(text[i++]);
    if (unit == 0 || count > kLongestSpan / unit) return bad;
    total += count * unit;
    if (total > kLongestSpan) return bad;
  }
  if (text.empty()) return bad;
  return total;
}

absl::StatusOr<Window> CalendarWindow(int64_t at_us, Period period, absl::string_view zone) {
  TENURE_ASSIGN_OR_RETURN(const absl::TimeZone tz, LoadZone(zone));
  const absl::CivilDay start = StartOf(absl::ToCivilDay(absl::FromUnixMicros(at_us), tz), period);
  // FromCivil takes the first valid instant of a day that starts inside a daylight-saving gap.
  return Window{absl::ToUnixMicros(absl::FromCivil(start, tz)),
                absl::ToUnixMicros(absl::FromCivil(Next(start, period), tz))};
}

absl::StatusOr<int32_t> LocalMinute(int64_t at_us, absl::string_view zone) {
  TENURE_ASSIGN_OR_RETURN(const absl::TimeZone tz, LoadZone(zone));
  const absl::CivilSecond local = absl::ToCivilSecond(absl::FromUnixMicros(at_us), tz);
  return local.hour() * 60 + local.minute();
}

absl::StatusOr<int64_t> NextLocalMinute(int64_t at_us, int32_t minute, absl::string_view zone) {
  TENURE_ASSIGN_OR_RETURN(const absl::TimeZone tz, LoadZone(zone));
  absl::CivilDay day = absl::ToCivilDay(absl::FromUnixMicros(at_us), tz);
  for (;; ++day) {
    const absl::TimeZone::TimeInfo found = tz.At(absl::CivilMinute(day) + minute);
    const absl::Time instant =
        found.kind == absl::TimeZone::TimeInfo::SKIPPED ? found.trans : found.post;
    if (absl::ToUnixMicros(instant) > at_us) return absl::ToUnixMicros(instant);
  }
}

}  // namespace tenure
