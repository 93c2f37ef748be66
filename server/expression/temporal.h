// Timestamps and durations: text, arithmetic within range, parts in a time zone.
#ifndef TENURE_SERVER_EXPRESSION_TEMPORAL_H_
#define TENURE_SERVER_EXPRESSION_TEMPORAL_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/expression/operation.h"
#include "server/expression/value.h"

namespace tenure::expression {

inline constexpr int64_t kNanosPerSecond = 1'000'000'000;

// All thread-safe; nothing means malformed or out of range.

// RFC 3339 with any offset and up to nine decimals that count (further ones are dropped).
std::optional<Timestamp> ParseTimestamp(absl::string_view text);
// In UTC, decimals only where needed.
std::string FormatTimestamp(Timestamp at);
// Within 0001 .. 9999.
std::optional<Timestamp> TimestampOfSeconds(int64_t seconds);
Timestamp TimestampOfMicros(int64_t micros);  // of a column; the caller vouches for the range
bool InRange(Timestamp at);

// "1h30m", "-1.5s", "3ms": a sign, then numbers with units h, m, s, ms, us, µs, ns; or "0".
std::optional<Duration> ParseDuration(absl::string_view text);
// In seconds: "5400s", "-1.5s".
std::string FormatDuration(Duration duration);

std::optional<Timestamp> Add(Timestamp at, Duration duration);
std::optional<Timestamp> Subtract(Timestamp at, Duration duration);
std::optional<Duration> Subtract(Timestamp a, Timestamp b);

// An IANA name ("Europe/Berlin") or an offset ("+02:00", "-09:30", "02:00").
std::optional<absl::TimeZone> FindZone(absl::string_view name);
// kGetFullYear … kGetMilliseconds. Months, days of the month (kGetDayOfMonth, not kGetDate), of the
// week (Sunday) and of the year count from 0.
int64_t Part(Operation getter, Timestamp at, const absl::TimeZone& zone);
// kGetHours, kGetMinutes, kGetSeconds: the whole length in that unit; kGetMilliseconds: the
// milliseconds within the second.
int64_t Part(Operation getter, Duration duration);

}  // namespace tenure::expression

#endif  // TENURE_SERVER_EXPRESSION_TEMPORAL_H_
