#include <charconv>
#include <cmath>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/base/utf8.h"
#include "server/expression/functions.h"
#include "server/expression/temporal.h"

namespace tenure::expression {
namespace {

Value OutOfRange(absl::string_view type) {
  return Value::Failed(ErrorKind::kOverflow, absl::StrCat(type, " out of range"));
}

Value Malformed(absl::string_view text, absl::string_view type) {
  constexpr size_t kShown = 64;
  return Value::Failed(ErrorKind::kInvalidArgument,
                       absl::StrCat("\"", text.substr(0, kShown), "\" is no ", type));
}

// Digits with an optional sign, all of the text.
template <typename T>
Value ParseWhole(absl::string_view text, absl::string_view type) {
  T value = 0;
  absl::string_view digits = text;
  if (digits.size() > 1 && digits.front() == '+' && digits[1] != '-') digits.remove_prefix(1);
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (result.ec == std::errc::result_out_of_range) return OutOfRange(type);
  if (result.ec != std::errc() || result.ptr != digits.data() + digits.size()) {
    return Malformed(text, type);
  }
  return Value::Of(value);
}

Value ToInt(const Value& value) {
  switch (value.kind()) {
    case Kind::kInt:
      return value;
    case Kind::kUint:
      if (value.AsUint() >> 63 != 0) return OutOfRange("int");
      return Value::Of(static_cast<int64_t>(value.AsUint()));
    case Kind::kDouble: {
      // Both ends are open: a double at -2^63 may be the rounding of something smaller.
      const double d = value.AsDouble();
      if (!(d > -0x1p63 && d < 0x1p63)) return OutOfRange("int");
      return Value::Of(static_cast<int64_t>(d));
    }
    case Kind::kString:
      return ParseWhole<int64_t>(value.AsString(), "int");
    case Kind::kTimestamp:
      return Value::Of(value.AsTimestamp().seconds);
    default:
      return NoSuchOverload(Operation::kToInt, {value});
  }
}

Value ToUint(const Value& value) {
  switch (value.kind()) {
    case Kind::kUint:
      return value;
    case Kind::kInt:
      if (value.AsInt() < 0) return OutOfRange("uint");
      return Value::Of(static_cast<uint64_t>(value.AsInt()));
    case Kind::kDouble: {
      const double d = value.AsDouble();
      if (!(d >= 0 && d < 0x1p64)) return OutOfRange("uint");
      return Value::Of(static_cast<uint64_t>(d));
    }
    case Kind::kString:
      return ParseWhole<uint64_t>(value.AsString(), "uint");
    default:
      return NoSuchOverload(Operation::kToUint, {value});
  }
}

Value ToDouble(const Value& value) {
  switch (value.kind()) {
    case Kind::kDouble:
      return value;
    case Kind::kInt:
      return Value::Of(static_cast<double>(value.AsInt()));
    case Kind::kUint:
      return Value::Of(static_cast<double>(value.AsUint()));
    case Kind::kString: {
      const std::string& text = value.AsString();
      double d = 0;
      // SimpleAtod trims blanks, which are no part of a number here.
      const bool blank = text.empty() || absl::ascii_isspace(static_cast<uint8_t>(text.front())) ||
                         absl::ascii_isspace(static_cast<uint8_t>(text.back()));
      if (blank || !absl::SimpleAtod(text, &d)) return Malformed(text, "double");
      return Value::Of(d);
    }
    default:
      return NoSuchOverload(Operation::kToDouble, {value});
  }
}

// The shortest decimal text that reads back as the same double.
std::string DoubleText(double d) {
  if (std::isnan(d)) return "NaN";
  if (std::isinf(d)) return d > 0 ? "+Inf" : "-Inf";
  char buffer[400];
  const double magnitude = std::fabs(d);
  const bool plain = magnitude == 0 || (magnitude >= 1e-4 && magnitude < 1e21);
  const auto result =
      std::to_chars(buffer, buffer + sizeof(buffer), d,
                    plain ? std::chars_format::fixed : std::chars_format::scientific);
  return std::string(buffer, result.ptr);
}

Value ToString(const Value& value) {
  switch (value.kind()) {
    case Kind::kString:
      return value;
    case Kind::kBool:
      return Value::String(value.AsBool() ? "true" : "false");
    case Kind::kInt:
      return Value::String(absl::StrCat(value.AsInt()));
    case Kind::kUint:
      return Value::String(absl::StrCat(value.AsUint()));
    case Kind::kDouble:
      return Value::String(DoubleText(value.AsDouble()));
    case Kind::kBytes:
      if (FindInvalidUtf8(value.AsBytes()) != absl::string_view::npos) {
        return Value::Failed(ErrorKind::kInvalidArgument, "invalid UTF-8 in bytes, can't convert");
      }
      return Value::String(value.AsBytes());
    case Kind::kTimestamp:
      return Value::String(FormatTimestamp(value.AsTimestamp()));
    case Kind::kDuration:
      return Value::String(FormatDuration(value.AsDuration()));
    default:
      return NoSuchOverload(Operation::kToString, {value});
  }
}

Value ToBool(const Value& value) {
  if (value.kind() == Kind::kBool) return value;
  if (value.kind() != Kind::kString) return NoSuchOverload(Operation::kToBool, {value});
  const std::string& text = value.AsString();
  for (const char* yes : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (text == yes) return Value::Of(true);
  }
  for (const char* no : {"0", "f", "F", "false", "FALSE", "False"}) {
    if (text == no) return Value::Of(false);
  }
  return Malformed(text, "bool");
}

Value ToTimestamp(const Value& value) {
  std::optional<Timestamp> at;
  switch (value.kind()) {
    case Kind::kTimestamp:
      return value;
    case Kind::kInt:
      at = TimestampOfSeconds(value.AsInt());
      return at ? Value::Of(*at) : OutOfRange("timestamp");
    case Kind::kString:
      at = ParseTimestamp(value.AsString());
      return at ? Value::Of(*at) : Malformed(value.AsString(), "timestamp, or out of range");
    default:
      return NoSuchOverload(Operation::kToTimestamp, {value});
  }
}

Value ToDuration(const Value& value) {
  if (value.kind() == Kind::kDuration) return value;
  if (value.kind() != Kind::kString) return NoSuchOverload(Operation::kToDuration, {value});
  const std::optional<Duration> duration = ParseDuration(value.AsString());
  return duration ? Value::Of(*duration) : Malformed(value.AsString(), "duration, or out of range");
}

}  // namespace

Value Convert(Operation operation, const Value& value) {
  switch (operation) {
    case Operation::kToInt:
      return ToInt(value);
    case Operation::kToUint:
      return ToUint(value);
    case Operation::kToDouble:
      return ToDouble(value);
    case Operation::kToString:
      return ToString(value);
    case Operation::kToBytes:
      if (value.kind() == Kind::kString) return Value::OfBytes(value.AsString());
      return value.kind() == Kind::kBytes ? value : NoSuchOverload(operation, {value});
    case Operation::kToBool:
      return ToBool(value);
    case Operation::kToTimestamp:
      return ToTimestamp(value);
    case Operation::kToDuration:
      return ToDuration(value);
    case Operation::kTypeOf:
      return Value::Type(KindName(value.kind()));
    default:
      return value;
  }
}

}  // namespace tenure::expression
