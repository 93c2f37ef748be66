#include "server/base/money.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "server/base/random.h"

namespace tenure {
namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();

TEST(ParseMicros, PlainDecimals_AreExact) {
  EXPECT_EQ(ParseMicros("12").value(), 12'000'000);
  EXPECT_EQ(ParseMicros("-3.5").value(), -3'500'000);
  EXPECT_EQ(ParseMicros("+0.000001").value(), 1);
  EXPECT_EQ(ParseMicros(".5").value(), 500'000);
  EXPECT_EQ(ParseMicros("1.10000000").value(), 1'100'000);
}

TEST(ParseMicros, Extremes_FitOrAreRefused) {
  EXPECT_EQ(ParseMicros("9223372036854.775807").value(), kMax);
  EXPECT_EQ(ParseMicros("-9223372036854.775808").value(), kMin);
  EXPECT_FALSE(ParseMicros("9223372036854.775808").ok());
  EXPECT_FALSE(ParseMicros("-9223372036854.775809").ok());
  EXPECT_FALSE(ParseMicros("99999999999999999999").ok());
}

TEST(ParseMicros, Malformed_IsRefusedWithTheText) {
  for (const char* text : {"", "-", ".", "1e3", "1,000", "1.2.3", " 1", "1.0000001", "nan", "$1"}) {
    const auto parsed = ParseMicros(text);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_THAT(std::string(parsed.status().message()), testing::HasSubstr(text));
  }
}

TEST(FormatMicros, AnyAmount_ParsesBackToItself) {
  Random random(7);
  for (int i = 0; i < 20'000; ++i) {
    const auto micros = static_cast<int64_t>(random.Next() >> (random.Next() % 64));
    EXPECT_EQ(ParseMicros(FormatMicros(micros)).value(), micros);
  }
  EXPECT_EQ(ParseMicros(FormatMicros(kMin)).value(), kMin);
}

TEST(DisplayMicros, HalfCents_RoundAwayFromZero) {
  EXPECT_EQ(DisplayMicros(1'005'000), "1.01");
  EXPECT_EQ(DisplayMicros(-1'005'000), "-1.01");
  EXPECT_EQ(DisplayMicros(-4'000), "0.00");
}

TEST(MicrosFromUnits, NotANumberOrTooLarge_IsRefused) {
  EXPECT_EQ(MicrosFromUnits(0.1).value(), 100'000);
  EXPECT_FALSE(MicrosFromUnits(std::numeric_limits<double>::quiet_NaN()).ok());
  EXPECT_FALSE(MicrosFromUnits(9.3e12).ok());
}

TEST(AddMicros, Overflow_IsOutOfRange) {
  EXPECT_EQ(AddMicros(kMax - 1, 1).value(), kMax);
  EXPECT_EQ(AddMicros(kMax, 1).status().code(), absl::StatusCode::kOutOfRange);
}

}  // namespace
}  // namespace tenure
