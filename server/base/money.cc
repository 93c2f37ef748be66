#include "server/base/money.h"

#include <cmath>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace tenure {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

absl::Status BadAmount(absl::string_view text, absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("amount \"", text, "\" ", why, "; write a decimal such as 12.34"));
}

std::string WithSign(bool negative, uint64_t units, absl::string_view decimals) {
  return absl::StrCat(negative ? "-" : "", units, ".", decimals);
}

// |micros| as unsigned, defined for INT64_MIN too.
uint64_t Magnitude(int64_t micros) {
  return micros < 0 ? ~static_cast<uint64_t>(micros) + 1 : static_cast<uint64_t>(micros);
}

}  // namespace

absl::StatusOr<int64_t> ParseMicros(absl::string_view text) {
  absl::string_view rest = text;
  const bool negative = !rest.empty() && rest.front() == '-';
  if (!rest.empty() && (rest.front() == '-' || rest.front() == '+')) rest.remove_prefix(1);
  const uint64_t limit = static_cast<uint64_t>(std::numeric_limits<int64_t>::max()) + negative;
  uint64_t value = 0;
  int decimals = -1;  // -1 before the point
  int digits = 0;
  for (const char c : rest) {
    if (c == '.' && decimals < 0) {
      decimals = 0;
      continue;
    }
    if (!IsDigit(c)) return BadAmount(text, "is not a decimal number");
    if (decimals >= 0 && ++decimals > 6) {
      if (c == '0') continue;
      return BadAmount(text, "has more than six decimals");
    }
    ++digits;
    const uint64_t digit = static_cast<uint64_t>(c - '0');
    if (value > (limit - digit) / 10) return BadAmount(text, "is out of range");
    value = value * 10 + digit;
  }
  if (digits == 0) return BadAmount(text, "is not a decimal number");
  for (int i = decimals < 0 ? 0 : decimals; i < 6; ++i) {
    if (value > limit / 10) return BadAmount(text, "is out of range");
    value *= 10;
  }
  return negative ? static_cast<int64_t>(~value + 1) : static_cast<int64_t>(value);
}

std::string FormatMicros(int64_t micros) {
  const uint64_t magnitude = Magnitude(micros);
  std::string decimals = absl::StrFormat("%06d", magnitude % kMicrosPerUnit);
  while (decimals.size() > 2 && decimals.back() == '0') decimals.pop_back();
  return WithSign(micros < 0, magnitude / kMicrosPerUnit, decimals);
}

std::string DisplayMicros(int64_t micros) {
  const uint64_t cents = (Magnitude(micros) + 5'000) / 10'000;
  return WithSign(micros < 0 && cents > 0, cents / 100, absl::StrFormat("%02d", cents % 100));
}

absl::StatusOr<int64_t> MicrosFromUnits(double units) {
  const double micros = std::round(units * static_cast<double>(kMicrosPerUnit));
  // 2^63 is exact in double; the largest double below it still fits.
  if (!(micros > -9223372036854775808.0 && micros < 9223372036854775808.0)) {
    return absl::InvalidArgumentError(
        absl::StrCat("amount ", units, " is not a number of money that fits 64 bits of micros"));
  }
  return static_cast<int64_t>(micros);
}

absl::StatusOr<int64_t> AddMicros(int64_t a, int64_t b) {
  int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) {
    return absl::OutOfRangeError(
        absl::StrCat("the sum of ", a, " and ", b, " micros does not fit 64 bits"));
  }
  return sum;
}

bool IsCurrencyCode(absl::string_view code) {
  if (code.size() != 3) return false;
  for (const char c : code) {
    if (c < 'A' || c > 'Z') return false;
  }
  return true;
}

}  // namespace tenure
