// What the literals of the language mean.
#ifndef TENURE_SERVER_EXPRESSION_LITERAL_H_
#define TENURE_SERVER_EXPRESSION_LITERAL_H_

#include <string>

#include "absl/strings/string_view.h"
#include "server/expression/value.h"

namespace tenure::expression {

// Decodes the inside of a quoted literal. In strings \x and octal escapes are code points, in
// bytes they are octets; \u and \U are for strings only. False with the place of the offending
// escape in `body` and why.
bool DecodeEscapes(absl::string_view body, bool bytes, std::string* decoded, size_t* bad_offset,
                   std::string* why);

// "12", "0x1F", "12u", "1.5e3", optionally with a minus sign before (uint: none). False, and why,
// when it is out of range.
bool ParseNumber(absl::string_view text, bool negative, Value* value, std::string* why);

}  // namespace tenure::expression

#endif  // TENURE_SERVER_EXPRESSION_LITERAL_H_
