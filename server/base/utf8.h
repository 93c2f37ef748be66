// UTF-8: what may enter a journal, a reply or a log as text.
#ifndef TENURE_SERVER_BASE_UTF8_H_
#define TENURE_SERVER_BASE_UTF8_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace tenure {

// The byte where `text` stops being valid UTF-8 (RFC 3629: shortest form, no surrogates, at most
// U+10FFFF); npos when all of it is valid.
size_t FindInvalidUtf8(absl::string_view text);
// `text` with U+FFFD in the place of every byte that is part of no valid character.
std::string ReplaceInvalidUtf8(absl::string_view text);

}  // namespace tenure

#endif  // TENURE_SERVER_BASE_UTF8_H_
