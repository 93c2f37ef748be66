// Code points of strings, which in the language are always valid UTF-8.
#ifndef TENURE_SERVER_EXPRESSION_UTF8_H_
#define TENURE_SERVER_EXPRESSION_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace tenure::expression {

// Code points of valid UTF-8.
size_t CountCodePoints(absl::string_view text);
// False, and nothing appended, when `code` is a surrogate or above U+10FFFF.
bool AppendCodePoint(uint32_t code, std::string* text);

}  // namespace tenure::expression

#endif  // TENURE_SERVER_EXPRESSION_UTF8_H_
