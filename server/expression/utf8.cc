#include "server/expression/utf8.h"

namespace tenure::expression {
namespace {

uint8_t At(absl::string_view text, size_t i) { return static_cast<uint8_t>(text[i]); }
bool IsContinuation(uint8_t byte) { return (byte & 0xC0) == 0x80; }

// Bytes of the sequence that starts with `lead`; 0 when no sequence does.
size_t SequenceLength(uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

// The second byte's range rules out longer forms than needed, surrogates and above U+10FFFF.
bool SecondByteFits(uint8_t lead, uint8_t second) {
  if (lead == 0xE0) return second >= 0xA0 && second <= 0xBF;
  if (lead == 0xED) return second >= 0x80 && second <= 0x9F;
  if (lead == 0xF0) return second >= 0x90 && second <= 0xBF;
  if (lead == 0xF4) return second >= 0x80 && second <= 0x8F;
  return IsContinuation(second);
}

}  // namespace

size_t FindInvalidUtf8(absl::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    const size_t length = SequenceLength(At(text, i));
    if (length == 0 || length > text.size() - i) return i;
    if (length > 1 && !SecondByteFits(At(text, i), At(text, i + 1))) return i;
    for (size_t k = 2; k < length; ++k) {
      if (!IsContinuation(At(text, i + k))) return i;
    }
    i += length;
  }
  return absl::string_view::npos;
}

size_t CountCodePoints(absl::string_view text) {
  size_t count = 0;
  for (const char c : text) count += IsContinuation(static_cast<uint8_t>(c)) ? 0 : 1;
  return count;
}

bool AppendCodePoint(uint32_t code, std::string* text) {
  if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return false;
  const auto append = [text](uint32_t byte) { text->push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    append(code);
  } else if (code < 0x800) {
    append(0xC0 | code >> 6);
    append(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    append(0xE0 | code >> 12);
    append(0x80 | (code >> 6 & 0x3F));
    append(0x80 | (code & 0x3F));
  } else {
    append(0xF0 | code >> 18);
    append(0x80 | (code >> 12 & 0x3F));
    append(0x80 | (code >> 6 & 0x3F));
    append(0x80 | (code & 0x3F));
  }
  return true;
}

}  // namespace tenure::expression
