// Instants are int64 microseconds since 1970-01-01T00:00:00Z; a calendar day is an int32 count of
// days since then. Everything that parses or prints them is here.
#ifndef TENURE_SERVER_BASE_TIME_H_
#define TENURE_SERVER_BASE_TIME_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tenure {

inline constexpr int64_t kMicrosPerSecond = 1'000'000;
inline constexpr int64_t kMicrosPerHour = 3'600 * kMicrosPerSecond;
inline constexpr int64_t kMicrosPerDay = 24 * kMicrosPerHour;

// The UTC day that holds the instant; floor, so that instants before 1970 are right too.
inline int32_t DayOf(int64_t at_us) {
  const int64_t day = at_us / kMicrosPerDay - (at_us % kMicrosPerDay < 0 ? 1 : 0);
  return static_cast<int32_t>(day);
}

// Parses "2018-01-03" (midnight UTC) or RFC 3339 "2018-01-03T10:00:00Z" (any offset, up to six
// decimals of a second). INVALID_ARGUMENT naming the text. Thread-safe.
absl::StatusOr<int64_t> ParseInstant(absl::string_view text);

// RFC 3339 in UTC, decimals only where needed: "2018-01-03T10:00:00Z". Thread-safe.
std::string FormatInstant(int64_t at_us);

// "2018-01-03", the UTC day. Thread-safe.
std::string FormatDay(int64_t at_us);

// Parses "15m", "24h", "7d", "2w", "90s" or a sum such as "1d12h" into microseconds.
// INVALID_ARGUMENT when malformed, negative or above 100 years. Thread-safe.
absl::StatusOr<int64_t> ParseSpan(absl::string_view text);

// The half-open calendar period [start, end) of an IANA zone that holds an instant.
enum class Period { kDay, kWeek, kMonth, kQuarter, kYear };
struct Window {
  int64_t start_us;
  int64_t end_us;
};
// NOT_FOUND when the zone is unknown to this machine's time-zone data. Thread-safe.
absl::StatusOr<Window> CalendarWindow(int64_t at_us, Period period, absl::string_view zone);

// Minute of the local day, 0 to 1439, at an instant. NOT_FOUND for an unknown zone.
absl::StatusOr<int32_t> LocalMinute(int64_t at_us, absl::string_view zone);
// The first instant after `at_us` at which the local clock shows `minute`: the first valid instant
// where daylight saving skips it, the later one where it comes twice. NOT_FOUND as above.
absl::StatusOr<int64_t> NextLocalMinute(int64_t at_us, int32_t minute, absl::string_view zone);

}  // namespace tenure

#endif  // TENURE_SERVER_BASE_TIME_H_
