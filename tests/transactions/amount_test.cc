#include "server/transactions/amount.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tenure::transactions {
namespace {

using ::testing::HasSubstr;

TEST(ParseAmount, Decimals_AreMicros) {
  const struct {
    const char* text;
    int64_t micros;
  } cases[] = {{"0", 0},
               {"12", 12'000'000},
               {"-3.5", -3'500'000},
               {"29.33", 29'330'000},
               {"0.000001", 1},
               {"12345678901.123456", 12'345'678'901'123'456},
               {"1e3", 1'000'000'000},
               {"12.300000000000001", 12'300'000},
               {"0.0000015", 2}};
  for (const auto& one : cases) {
    const auto micros = ParseAmount(one.text, DecimalMark::kPoint);
    ASSERT_TRUE(micros.ok()) << one.text << micros.status();
    EXPECT_EQ(*micros, one.micros) << one.text;
  }
}

TEST(ParseAmount, DecimalComma_TakesGroupsOfThree) {
  EXPECT_EQ(*ParseAmount("12,5", DecimalMark::kComma), 12'500'000);
  EXPECT_EQ(*ParseAmount("1.234,50", DecimalMark::kComma), 1'234'500'000);
  EXPECT_EQ(*ParseAmount("-1.234.567", DecimalMark::kComma), -1'234'567'000'000);
  for (const char* text : {"12.5", "1.23,4", "1234.567", ".123", "1,2,3", "1,2.3", "1.234.", ""}) {
    EXPECT_FALSE(ParseAmount(text, DecimalMark::kComma).ok()) << text;
  }
}

TEST(ParseAmount, WhatIsNoAmount_IsRefusedWithTheRemedy) {
  const struct {
    const char* text;
    const char* remedy;
  } cases[] = {{"12,5", "--decimal comma"},
               {"5 EUR", "write it like 1234.5"},
               {"nan", "is not a number"},
               {"inf", "is not a number"},
               {"", "is empty"},
               {"-", "is not a number"},
               {"1e300", "money holds"},
               {"99999999999999", "money holds"},
               {"0x10", "is not a number"},
               {" 5", "is not a number"},
               {"+", "is not a number"}};
  for (const auto& one : cases) {
    const auto micros = ParseAmount(one.text, DecimalMark::kPoint);
    ASSERT_FALSE(micros.ok()) << one.text;
    EXPECT_THAT(std::string(micros.status().message()), HasSubstr(one.remedy)) << one.text;
  }
}

}  // namespace
}  // namespace tenure::transactions
