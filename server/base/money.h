// Money: exact integers. Inside Tenure an amount is an int64 count of micros (millionths of the
// currency's unit); the currency stands once, in the rule set. Decimals exist only at import and
// display, which is what this file is for.
#ifndef TENURE_SERVER_BASE_MONEY_H_
#define TENURE_SERVER_BASE_MONEY_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tenure {

inline constexpr int64_t kMicrosPerUnit = 1'000'000;

// Parses a decimal such as "12", "-3.5" or "0.000001" into micros, exactly. No exponent, no
// grouping, no currency sign. INVALID_ARGUMENT when malformed, with more than six decimals, or
// out of range. Thread-safe.
absl::StatusOr<int64_t> ParseMicros(absl::string_view text);

// "12.34": at least two decimals, up to six where they are needed. Thread-safe.
std::string FormatMicros(int64_t micros);

// Two decimals, rounded half away from zero: for people, never to be read back. Thread-safe.
std::string DisplayMicros(int64_t micros);

// The nearest int64 of micros to `units`. INVALID_ARGUMENT when not finite or out of range.
absl::StatusOr<int64_t> MicrosFromUnits(double units);

inline double UnitsFromMicros(int64_t micros) {
  return static_cast<double>(micros) / static_cast<double>(kMicrosPerUnit);
}

// a + b, or OUT_OF_RANGE when the sum does not fit. Thread-safe.
absl::StatusOr<int64_t> AddMicros(int64_t a, int64_t b);

// True for three upper-case letters, the shape of an ISO 4217 code.
bool IsCurrencyCode(absl::string_view code);

}  // namespace tenure

#endif  // TENURE_SERVER_BASE_MONEY_H_
