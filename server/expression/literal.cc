#include "server/expression/literal.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/expression/utf8.h"

namespace tenure::expression {
namespace {

// Reads exactly `digits` digits of `base`; false when they aren't there.
bool ReadDigits(absl::string_view body, size_t at, size_t digits, int base, uint32_t* code) {
  if (at + digits > body.size()) return false;
  const char* first = body.data() + at;
  const auto result = std::from_chars(first, first + digits, *code, base);
  return result.ec == std::errc() && result.ptr == first + digits;
}

char SimpleEscape(char c) {
  switch (c) {
    case 'a':
      return '\a';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'v':
      return '\v';
    case '\\':
    case '?':
    case '"':
    case '\'':
    case '`':
      return c;
    default:
      return '\0';
  }
}

struct Escape {
  uint32_t code = 0;
  size_t length = 0;  // after the backslash; 0: no such escape
};

Escape NumericEscape(absl::string_view body, size_t at, bool bytes) {
  Escape escape;
  const char c = body[at];
  if (c == 'x' || c == 'X') {
    if (ReadDigits(body, at + 1, 2, 16, &escape.code)) escape.length = 3;
  } else if (c == 'u' && !bytes) {
    if (ReadDigits(body, at + 1, 4, 16, &escape.code)) escape.length = 5;
  } else if (c == 'U' && !bytes) {
    if (ReadDigits(body, at + 1, 8, 16, &escape.code)) escape.length = 9;
  } else if (c >= '0' && c <= '3') {
    if (ReadDigits(body, at, 3, 8, &escape.code)) escape.length = 3;
  }
  return escape;
}

}  // namespace

bool DecodeEscapes(absl::string_view body, bool bytes, std::string* decoded, size_t* bad_offset,
                   std::string* why) {
  decoded->reserve(body.size());
  for (size_t i = 0; i < body.size(); ++i) {
    if (body[i] != '\\') {
      decoded->push_back(body[i]);
      continue;
    }
    *bad_offset = i++;
    if (i == body.size()) return *why = "a backslash with nothing after it", false;
    if (const char simple = SimpleEscape(body[i]); simple != '\0') {
      decoded->push_back(simple);
      continue;
    }
    const Escape escape = NumericEscape(body, i, bytes);
    if (escape.length == 0) {
      *why = bytes && (body[i] == 'u' || body[i] == 'U')
                 ? "\\u and \\U stand in strings only, bytes have \\x and octal escapes"
                 : "no such escape; there are \\n \\t \\r \\\" \\' \\\\ \\xFF \\u00FF \\U0001F600 "
                   "\\377 and \\a \\b \\f \\v \\? \\`";
      return false;
    }
    if (bytes) {
      decoded->push_back(static_cast<char>(escape.code));
    } else if (!AppendCodePoint(escape.code, decoded)) {
      return *why = "the escape is a surrogate or above U+10FFFF: no Unicode character", false;
    }
    i += escape.length - 1;
  }
  return true;
}

bool ParseNumber(absl::string_view text, bool negative, Value* value, std::string* why) {
  const bool hex = text.size() > 2 && (text[1] == 'x' || text[1] == 'X');
  const bool is_uint = text.back() == 'u' || text.back() == 'U';
  if (!hex && !is_uint && text.find_first_of(".eE") != absl::string_view::npos) {
    double d = 0;
    if (!absl::SimpleAtod(text, &d) || !std::isfinite(d)) {
      return *why = absl::StrCat(text, " is beyond the range of a double"), false;
    }
    *value = Value::Of(negative ? -d : d);
    return true;
  }
  absl::string_view digits = is_uint ? text.substr(0, text.size() - 1) : text;
  if (hex) digits.remove_prefix(2);
  uint64_t magnitude = 0;
  const auto result =
      std::from_chars(digits.data(), digits.data() + digits.size(), magnitude, hex ? 16 : 10);
  const uint64_t most =
      is_uint ? std::numeric_limits<uint64_t>::max() : (uint64_t{1} << 63) - (negative ? 0 : 1);
  if (result.ec != std::errc() || magnitude > most) {
    *why = absl::StrCat(negative ? "-" : "", text, " is beyond the range of ",
                        is_uint ? "a uint" : "an int", " (64 bits)");
    return false;
  }
  if (is_uint) {
    *value = Value::Of(magnitude);
  } else {
    *value = Value::Of(static_cast<int64_t>(negative ? uint64_t{0} - magnitude : magnitude));
  }
  return true;
}

}  // namespace tenure::expression
