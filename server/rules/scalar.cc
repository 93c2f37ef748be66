#include "server/rules/scalar.h"

#include <cmath>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace tenure::rules {
namespace {

bool AllDigits(absl::string_view text, int base) {
  if (text.empty()) return false;
  for (const char c : text) {
    const bool fits = base == 8    ? c >= '0' && c <= '7'
                      : base == 16 ? absl::ascii_isxdigit(static_cast<unsigned char>(c))
                                   : absl::ascii_isdigit(static_cast<unsigned char>(c));
    if (!fits) return false;
  }
  return true;
}

std::optional<int64_t> ParseBased(absl::string_view digits, int base) {
  int64_t value = 0;
  for (const char c : digits) {
    const int digit = absl::ascii_isdigit(static_cast<unsigned char>(c))
                          ? c - '0'
                          : absl::ascii_tolower(static_cast<unsigned char>(c)) - 'a' + 10;
    if (value > (std::numeric_limits<int64_t>::max() - digit) / base) return std::nullopt;
    value = value * base + digit;
  }
  return value;
}

// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool IsDecimal(absl::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  size_t i = 0;
  size_t digits = 0;
  const auto skip_digits = [&] {
    while (i < text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[i]))) {
      ++i;
      ++digits;
    }
  };
  skip_digits();
  if (i < text.size() && text[i] == '.') {
    ++i;
    skip_digits();
  }
  if (digits == 0) return false;
  if (i == text.size()) return true;
  if (text[i] != 'e' && text[i] != 'E') return false;
  ++i;
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
  return AllDigits(text.substr(i), 10);
}

TypedScalar Integer(int64_t value) {
  return {ScalarType::kInt, false, value, static_cast<double>(value)};
}

TypedScalar Float(double value) { return {ScalarType::kFloat, false, 0, value}; }

}  // namespace

TypedScalar TypeOf(const Node& node) {
  if (node.kind == Node::Kind::kNull) return {ScalarType::kNull};
  const absl::string_view text = node.text;
  if (!node.plain) return {};
  if (text == "true" || text == "True" || text == "TRUE") return {ScalarType::kBool, true};
  if (text == "false" || text == "False" || text == "FALSE") return {ScalarType::kBool, false};
  if (text.empty() || text == "~" || absl::EqualsIgnoreCase(text, "null")) {
    return {ScalarType::kNull};
  }
  for (const auto& [prefix, base] : {std::pair<absl::string_view, int>{"0x", 16}, {"0o", 8}}) {
    if (!absl::StartsWith(text, prefix) || !AllDigits(text.substr(2), base)) continue;
    const std::optional<int64_t> value = ParseBased(text.substr(2), base);
    return value.has_value() ? Integer(*value) : TypedScalar{};
  }
  const absl::string_view unsigned_text = text[0] == '-' || text[0] == '+' ? text.substr(1) : text;
  int64_t integer = 0;
  if (AllDigits(unsigned_text, 10) && absl::SimpleAtoi(text, &integer)) return Integer(integer);
  double number = 0;
  if (IsDecimal(text) && absl::SimpleAtod(text, &number)) return Float(number);
  if (unsigned_text == ".inf" || unsigned_text == ".Inf" || unsigned_text == ".INF") {
    const double infinity = std::numeric_limits<double>::infinity();
    return Float(text[0] == '-' ? -infinity : infinity);
  }
  if (text == ".nan" || text == ".NaN" || text == ".NAN") {
    return Float(std::numeric_limits<double>::quiet_NaN());
  }
  return {};
}

absl::StatusOr<double> ParseShare(absl::string_view text) {
  absl::string_view digits = text;
  const bool percent = absl::EndsWith(digits, "%");
  if (percent) digits.remove_suffix(1);
  digits = absl::StripTrailingAsciiWhitespace(digits);
  double value = 0;
  if (!IsDecimal(digits) || !absl::SimpleAtod(digits, &value) || !std::isfinite(value)) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" is no share; write 10 % or 0.10"));
  }
  if (percent) value /= 100;
  if (value < 0 || value > 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", text, "\" is outside 0 % to 100 %",
        !percent && value > 1 && value <= 100 ? absl::StrCat("; write ", digits, " %") : ""));
  }
  return value;
}

absl::StatusOr<int32_t> ParseTimeOfDay(absl::string_view text) {
  int32_t hour = 0;
  int32_t minute = 0;
  const size_t colon = text.find(':');
  if (colon == absl::string_view::npos || colon > 2 || !AllDigits(text.substr(0, colon), 10) ||
      text.size() != colon + 3 || !AllDigits(text.substr(colon + 1), 10) ||
      !absl::SimpleAtoi(text.substr(0, colon), &hour) ||
      !absl::SimpleAtoi(text.substr(colon + 1), &minute) || hour > 23 || minute > 59) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" is no time of day; write it as 21:30"));
  }
  return hour * 60 + minute;
}

}  // namespace tenure::rules
