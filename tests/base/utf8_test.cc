#include "server/base/utf8.h"

#include <gtest/gtest.h>

namespace tenure {
namespace {

TEST(ReplaceInvalidUtf8, EveryKindOfBadByte_BecomesTheReplacementCharacter) {
  const std::string mark = "\xEF\xBF\xBD";
  EXPECT_EQ(ReplaceInvalidUtf8(""), "");
  EXPECT_EQ(ReplaceInvalidUtf8("Zo\xC3\xAB"), "Zo\xC3\xAB");
  EXPECT_EQ(ReplaceInvalidUtf8("Zo\xEB!"), "Zo" + mark + "!");        // Latin-1
  EXPECT_EQ(ReplaceInvalidUtf8("\xE2\x82"), mark + mark);             // cut short
  EXPECT_EQ(ReplaceInvalidUtf8("\xC0\xAF"), mark + mark);             // longer than needed
  EXPECT_EQ(ReplaceInvalidUtf8("\xED\xA0\x80"), mark + mark + mark);  // a surrogate
  EXPECT_EQ(FindInvalidUtf8(ReplaceInvalidUtf8("a\xFFz\x80")), std::string::npos);
}

TEST(FindInvalidUtf8, BadByteAnywhereInALongText_IsFound) {
  for (size_t length = 1; length < 40; ++length) {
    for (size_t at = 0; at < length; ++at) {
      std::string text(length, 'x');
      EXPECT_EQ(FindInvalidUtf8(text), absl::string_view::npos);
      text[at] = '\xEB';
      EXPECT_EQ(FindInvalidUtf8(text), at);
      if (at + 2 > length) continue;
      text.replace(at, 2, "\xC3\xAB");
      EXPECT_EQ(FindInvalidUtf8(text), absl::string_view::npos);
    }
  }
}

}  // namespace
}  // namespace tenure
