#include "server/expression/failure.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "server/expression/name_use.h"

namespace tenure::expression {
namespace {

Schema MakeSchema() {
  return Schema::Create({{"purchases", DType::kInt64},
                         {"purchases_30d", DType::kInt64},
                         {"customer.region", DType::kString},
                         {"now", DType::kTimestamp}})
      .value();
}

// The parts that fail, "!" before those that are certain to: "!1/0 ".
std::string Failing(absl::string_view text) {
  std::string parts;
  for (const Failure& failure : FindFailures(text, MakeSchema())) {
    EXPECT_NE(failure.message, "") << text;
    absl::StrAppend(&parts, failure.certain ? "!" : "?",
                    text.substr(failure.offset, failure.length), " ");
  }
  return parts;
}

TEST(FindFailures, ClosedParts_AreNamedInnermost) {
  EXPECT_EQ(Failing("1/0 > 1"), "!1/0 ");
  EXPECT_EQ(Failing("purchases > 1 / 0 + 2"), "!1 / 0 ");
  EXPECT_EQ(Failing("now - duration('7d') > timestamp('2018-01-01T00:00:00Z')"),
            "!duration('7d') ");
  EXPECT_EQ(Failing("now > timestamp('2018-13-01')"), "!timestamp('2018-13-01') ");
}

TEST(FindFailures, ArgumentsThatACallRefuses_AreNamed) {
  EXPECT_EQ(Failing("customer.region.matches('(')"), "!'(' ");
  EXPECT_EQ(Failing("now.getHours('Europe/Berln') > 9"), "!'Europe/Berln' ");
  EXPECT_EQ(Failing("now.getHours('localtime') > 9"), "!'localtime' ");
  EXPECT_EQ(Failing("purchases % 0 == 1"), "!0 ");
}

TEST(FindFailures, WhatMayNotBeReached_IsUncertain) {
  EXPECT_EQ(Failing("purchases > 1 && 1/0 > 1"), "?1/0 ");
  EXPECT_EQ(Failing("purchases > 1 || 1/0 > 1"), "?1/0 ");
  EXPECT_EQ(Failing("purchases > 1 ? 1/0 > 1 : true"), "?1/0 ");
  EXPECT_EQ(Failing("1/0 > 1 ? purchases > 1 : true"), "!1/0 ");
  EXPECT_EQ(Failing("[1].exists(x, purchases / 0 > x)"), "?0 ");
}

TEST(FindFailures, WhatNeverFails_IsNotNamed) {
  EXPECT_EQ(Failing("false && 1/0 > 1"), "");
  EXPECT_EQ(Failing("1/2 == 0 && now > timestamp('2018-01-01T00:00:00Z') - duration('168h')"), "");
  EXPECT_EQ(Failing("now.getHours('+02:00') > 9 && customer.region.matches('W.*')"), "");
  EXPECT_EQ(Failing("has(customer.region) && [1, 2].exists(x, x > purchases)"), "");
}

TEST(FindFailures, SpanOfTheRules_IsSuggestedAsADuration) {
  EXPECT_EQ(FindFailures("duration('7d') > duration('1h')", MakeSchema())[0].suggestion,
            "write duration('168h')");
  EXPECT_EQ(FindFailures("now > timestamp('2018-01-03')", MakeSchema())[0].suggestion,
            "write timestamp('2018-01-03T00:00:00Z')");
}

TEST(FindNames, UnknownOnesBesideThem_AreStillFound) {
  std::string found;
  for (const NameUse& use : FindNames(
           "purchaces > 1 && purchases_30d > 0 && purchases + 1 > 'x' && has(customer.region)",
           MakeSchema())) {
    absl::StrAppend(&found, use.column, "@", use.offset, " ");
  }
  EXPECT_EQ(found, "purchases_30d@17 purchases@38 customer.region@65 ");
}

}  // namespace
}  // namespace tenure::expression
