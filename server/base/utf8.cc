#include "server/base/utf8.h"

#include <cstdint>
#include <cstring>

namespace tenure {
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
    // Most texts are ASCII: eight bytes at a time.
    for (uint64_t word; i + sizeof(word) <= text.size(); i += sizeof(word)) {
      std::memcpy(&word, text.data() + i, sizeof(word));
      if ((word & 0x8080'8080'8080'8080) != 0) break;
    }
    if (i == text.size()) break;
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

std::string ReplaceInvalidUtf8(absl::string_view text) {
  std::string whole;
  for (;;) {
    const size_t bad = FindInvalidUtf8(text);
    if (bad == absl::string_view::npos) break;
    whole.append(text.data(), bad);
    whole.append("\xEF\xBF\xBD");
    text.remove_prefix(bad + 1);
  }
  whole.append(text.data(), text.size());
  return whole;
}

}  // namespace tenure
