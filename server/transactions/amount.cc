#include "server/transactions/amount.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/base/money.h"

namespace tenure::transactions {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Up to 11 digits, a mark, up to 6 decimals: what nearly every row has.
std::optional<int64_t> ParseUsual(absl::string_view text, char mark) {
  constexpr int64_t kPower[] = {1'000'000, 100'000, 10'000, 1'000, 100, 10, 1};
  if (text.size() > 18) return std::nullopt;  // fits an int64 whatever it says
  const char* at = text.data();
  const char* const end = at + text.size();
  const bool negative = at < end && *at == '-';
  at += negative ? 1 : 0;
  const char* const first = at;
  int64_t value = 0;
  while (at < end && IsDigit(*at)) value = value * 10 + (*at++ - '0');
  if (at == first || at - first > 11) return std::nullopt;
  int64_t decimals = 0;
  if (at < end && *at == mark) {
    const char* const point = ++at;
    while (at < end && IsDigit(*at)) value = value * 10 + (*at++ - '0');
    decimals = at - point;
    if (decimals == 0 || decimals > 6) return std::nullopt;
  }
  if (at != end) return std::nullopt;
  value *= kPower[decimals];
  return negative ? -value : value;
}

// "1.234.567,50" as 1234567.50; nothing where the points are no groups of three digits.
std::optional<std::string> FromComma(absl::string_view text) {
  const size_t comma = text.find(',');
  const absl::string_view whole = text.substr(0, comma);
  std::string plain;
  const bool grouped = whole.find('.') != absl::string_view::npos;
  for (size_t i = 0; i < whole.size(); ++i) {
    if (whole[i] != '.') {
      plain += whole[i];
      continue;
    }
    const bool before = i > 0 && IsDigit(whole[i - 1]);
    const size_t next = std::min(whole.find('.', i + 1), whole.size());
    if (!before || next - i != 4) return std::nullopt;
  }
  if (grouped && whole.find('.') > (whole.front() == '-' ? 4u : 3u)) return std::nullopt;
  if (comma == absl::string_view::npos) return plain;
  const absl::string_view decimals = text.substr(comma + 1);
  if (decimals.find_first_of(",.") != absl::string_view::npos) return std::nullopt;
  return absl::StrCat(plain, ".", decimals);
}

absl::Status Refuse(absl::string_view text, absl::string_view remedy) {
  return absl::InvalidArgumentError(absl::StrCat("`", text, "` is not a number; ", remedy));
}

}  // namespace

absl::StatusOr<int64_t> ParseAmount(absl::string_view text, DecimalMark mark) {
  const char sign = mark == DecimalMark::kComma ? ',' : '.';
  if (const std::optional<int64_t> usual = ParseUsual(text, sign)) return *usual;
  std::string plain(text);
  if (mark == DecimalMark::kComma) {
    const std::optional<std::string> mended = FromComma(text);
    if (!mended.has_value()) return Refuse(text, "with a decimal comma write it like 1.234,5");
    plain = *mended;
  }
  double value = 0;
  const auto [end, error] = std::from_chars(plain.data(), plain.data() + plain.size(), value);
  if (error != std::errc() || end != plain.data() + plain.size() || !std::isfinite(value)) {
    if (text.empty()) return absl::InvalidArgumentError("is empty; write 0 for a free order");
    const bool comma = text.find(',') != absl::string_view::npos;
    return Refuse(text, comma ? "for a decimal comma say --decimal comma; leave out separators of "
                                "thousands"
                              : "write it like 1234.5");
  }
  const absl::StatusOr<int64_t> micros = MicrosFromUnits(value);
  if (micros.ok()) return micros;
  return absl::InvalidArgumentError(
      absl::StrCat("`", text, "` is not an amount: money holds up to 9.2e12"));
}

}  // namespace tenure::transactions
