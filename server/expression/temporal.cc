#include "server/expression/temporal.h"

#include <limits>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "server/base/zone.h"

namespace tenure::expression {
namespace {

constexpr int64_t kFirstSecond = -62'135'596'800;  // 0001-01-01T00:00:00Z
constexpr int64_t kLastSecond = 253'402'300'799;   // 9999-12-31T23:59:59Z
constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Takes exactly `count` digits off the front.
bool TakeDigits(absl::string_view* text, size_t count, int* value) {
  if (text->size() < count) return false;
  *value = 0;
  for (size_t i = 0; i < count; ++i) {
    if (!IsDigit((*text)[i])) return false;
    *value = *value * 10 + ((*text)[i] - '0');
  }
  text->remove_prefix(count);
  return true;
}

bool TakeChar(absl::string_view* text, char c) {
  if (text->empty() || text->front() != c) return false;
  text->remove_prefix(1);
  return true;
}

bool TakeFraction(absl::string_view* text, int32_t* nanos) {
  *nanos = 0;
  if (!TakeChar(text, '.')) return true;
  if (text->empty() || !IsDigit(text->front())) return false;
  for (int32_t unit = 100'000'000; !text->empty() && IsDigit(text->front()); unit /= 10) {
    *nanos += (text->front() - '0') * unit;
    text->remove_prefix(1);
  }
  return true;
}

bool TakeOffset(absl::string_view* text, int* seconds) {
  *seconds = 0;
  if (TakeChar(text, 'Z')) return true;
  const bool west = absl::StartsWith(*text, "-");
  if (!TakeChar(text, '+') && !TakeChar(text, '-')) return false;
  int hours = 0;
  int minutes = 0;
  if (!TakeDigits(text, 2, &hours) || !TakeChar(text, ':') || !TakeDigits(text, 2, &minutes) ||
      hours > 23 || minutes > 59) {
    return false;
  }
  *seconds = (west ? -1 : 1) * (hours * 3'600 + minutes * 60);
  return true;
}

// Decimals without trailing zeros: "", ".5", ".000000001".
std::string Decimals(int64_t nanos) {
  if (nanos == 0) return "";
  std::string text = absl::StrFormat(".%09d", nanos);
  while (text.back() == '0') text.pop_back();
  return text;
}

std::optional<Timestamp> Checked(Timestamp at) {
  if (!InRange(at)) return std::nullopt;
  return at;
}

Timestamp Moved(Timestamp at, int64_t seconds, int64_t nanos) {
  at.seconds += seconds;
  nanos += at.nanos;
  if (nanos < 0) {
    nanos += kNanosPerSecond;
    --at.seconds;
  } else if (nanos >= kNanosPerSecond) {
    nanos -= kNanosPerSecond;
    ++at.seconds;
  }
  at.nanos = static_cast<int32_t>(nanos);
  return at;
}

// Nanoseconds of a unit, taken off the front; 0 when none stands there.
int64_t TakeUnit(absl::string_view* text) {
  struct Unit {
    absl::string_view name;
    int64_t nanos;
  };
  static constexpr Unit kUnits[] = {{"ns", 1},
                                    {"us", 1'000},
                                    {"\u00B5s", 1'000},
                                    {"\u03BCs", 1'000},
                                    {"ms", 1'000'000},
                                    {"s", kNanosPerSecond},
                                    {"m", 60 * kNanosPerSecond},
                                    {"h", 3'600 * kNanosPerSecond}};
  for (const Unit& unit : kUnits) {
    if (!absl::StartsWith(*text, unit.name)) continue;
    text->remove_prefix(unit.name.size());
    return unit.nanos;
  }
  return 0;
}

// One number with its unit, added to *total.
bool TakeSpan(absl::string_view* text, absl::int128* total) {
  absl::int128 whole = 0;
  absl::int128 fraction = 0;
  absl::int128 scale = 1;
  size_t digits = 0;
  for (; !text->empty() && IsDigit(text->front()); text->remove_prefix(1), ++digits) {
    whole = whole * 10 + (text->front() - '0');
    if (whole > kMost) return false;
  }
  if (TakeChar(text, '.')) {
    for (; !text->empty() && IsDigit(text->front()); text->remove_prefix(1), ++digits) {
      if (scale > 1'000'000'000'000'000) continue;  // beyond what a nanosecond of an hour shows
      fraction = fraction * 10 + (text->front() - '0');
      scale *= 10;
    }
  }
  if (digits == 0) return false;
  const int64_t unit = TakeUnit(text);
  if (unit == 0) return false;
  *total += whole * unit + fraction * unit / scale;
  return *total <= absl::int128(kMost) + 1;
}

}  // namespace

bool InRange(Timestamp at) { return at.seconds >= kFirstSecond && at.seconds <= kLastSecond; }

std::optional<Timestamp> TimestampOfSeconds(int64_t seconds) { return Checked({seconds, 0}); }

Timestamp TimestampOfMicros(int64_t micros) {
  int64_t seconds = micros / 1'000'000;
  int64_t rest = micros % 1'000'000;
  if (rest < 0) {
    rest += 1'000'000;
    --seconds;
  }
  return {seconds, static_cast<int32_t>(rest * 1'000)};
}

std::optional<Timestamp> ParseTimestamp(absl::string_view text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, offset = 0;
  int32_t nanos = 0;
  const bool parsed =
      TakeDigits(&text, 4, &year) && TakeChar(&text, '-') && TakeDigits(&text, 2, &month) &&
      TakeChar(&text, '-') && TakeDigits(&text, 2, &day) && TakeChar(&text, 'T') &&
      TakeDigits(&text, 2, &hour) && TakeChar(&text, ':') && TakeDigits(&text, 2, &minute) &&
      TakeChar(&text, ':') && TakeDigits(&text, 2, &second) && TakeFraction(&text, &nanos) &&
      TakeOffset(&text, &offset) && text.empty();
  if (!parsed || year < 1 || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const absl::CivilDay civil(year, month, day);
  if (civil.month() != month || civil.day() != day) return std::nullopt;  // 2021-02-30
  const int64_t days = civil - absl::CivilDay(1970, 1, 1);
  return Checked({days * 86'400 + hour * 3'600 + minute * 60 + second - offset, nanos});
}

std::string FormatTimestamp(Timestamp at) {
  const absl::CivilSecond civil =
      absl::ToCivilSecond(absl::FromUnixSeconds(at.seconds), absl::UTCTimeZone());
  return absl::StrFormat("%04d-%02d-%02dT%02d:%02d:%02d%sZ", civil.year(), civil.month(),
                         civil.day(), civil.hour(), civil.minute(), civil.second(),
                         Decimals(at.nanos));
}

std::optional<Duration> ParseDuration(absl::string_view text) {
  const bool negative = absl::StartsWith(text, "-");
  if (negative || absl::StartsWith(text, "+")) text.remove_prefix(1);
  if (text == "0") return Duration{0};
  if (text.empty()) return std::nullopt;
  absl::int128 total = 0;
  while (!text.empty()) {
    if (!TakeSpan(&text, &total)) return std::nullopt;
  }
  if (negative) total = -total;
  if (total > kMost || total < kLeast) return std::nullopt;
  return Duration{static_cast<int64_t>(total)};
}

std::string FormatDuration(Duration duration) {
  const int64_t seconds = duration.nanos / kNanosPerSecond;
  const int64_t rest = duration.nanos % kNanosPerSecond;
  const bool negative = duration.nanos < 0;
  return absl::StrCat(negative ? "-" : "", negative ? -seconds : seconds,
                      Decimals(negative ? -rest : rest), "s");
}

std::optional<Timestamp> Add(Timestamp at, Duration duration) {
  return Checked(Moved(at, duration.nanos / kNanosPerSecond, duration.nanos % kNanosPerSecond));
}

std::optional<Timestamp> Subtract(Timestamp at, Duration duration) {
  return Checked(
      Moved(at, -(duration.nanos / kNanosPerSecond), -(duration.nanos % kNanosPerSecond)));
}

std::optional<Duration> Subtract(Timestamp a, Timestamp b) {
  int64_t nanos = 0;
  if (__builtin_mul_overflow(a.seconds - b.seconds, kNanosPerSecond, &nanos) ||
      __builtin_add_overflow(nanos, int64_t{a.nanos} - b.nanos, &nanos)) {
    return std::nullopt;
  }
  return Duration{nanos};
}

std::optional<absl::TimeZone> FindZone(absl::string_view name) {
  absl::string_view rest = name;
  const bool sign = absl::StartsWith(name, "+") || absl::StartsWith(name, "-");
  const std::string with_sign = sign ? std::string(name) : absl::StrCat("+", name);
  rest = with_sign;
  int offset = 0;
  if (TakeOffset(&rest, &offset) && rest.empty()) return absl::FixedTimeZone(offset);
  const absl::StatusOr<absl::TimeZone> zone = LoadZone(name);
  if (!zone.ok()) return std::nullopt;
  return *zone;
}

int64_t Part(Operation getter, Timestamp at, const absl::TimeZone& zone) {
  if (getter == Operation::kGetMilliseconds) return at.nanos / 1'000'000;
  const absl::CivilSecond civil = zone.At(absl::FromUnixSeconds(at.seconds)).cs;
  switch (getter) {
    case Operation::kGetFullYear:
      return civil.year();
    case Operation::kGetMonth:
      return civil.month() - 1;
    case Operation::kGetDayOfMonth:
      return civil.day() - 1;
    case Operation::kGetDate:
      return civil.day();
    case Operation::kGetDayOfWeek:  // absl counts from Monday
      return (static_cast<int64_t>(absl::GetWeekday(absl::CivilDay(civil))) + 1) % 7;
    case Operation::kGetDayOfYear:
      return absl::GetYearDay(absl::CivilDay(civil)) - 1;
    case Operation::kGetHours:
      return civil.hour();
    case Operation::kGetMinutes:
      return civil.minute();
    default:
      return civil.second();
  }
}

int64_t Part(Operation getter, Duration duration) {
  switch (getter) {
    case Operation::kGetHours:
      return duration.nanos / (3'600 * kNanosPerSecond);
    case Operation::kGetMinutes:
      return duration.nanos / (60 * kNanosPerSecond);
    case Operation::kGetSeconds:
      return duration.nanos / kNanosPerSecond;
    default:
      return duration.nanos / 1'000'000 % 1'000;
  }
}

}  // namespace tenure::expression
