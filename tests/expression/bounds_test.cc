#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "server/expression/parser.h"
#include "server/expression/suggestion.h"
#include "tests/expression/table.h"

namespace tenure::expression {
namespace {

std::string Repeated(size_t n, absl::string_view part) {
  std::string text;
  for (size_t i = 0; i < n; ++i) absl::StrAppend(&text, part);
  return text;
}

bool Parses(const std::string& text, const Bounds& bounds = Bounds()) {
  std::vector<Problem> problems;
  return Parse(text, bounds, &problems) != nullptr;
}

TEST(Bounds, Nesting_AtTheLimitAndOneOver) {
  const Bounds bounds;
  const auto brackets = [](size_t n) {
    return absl::StrCat(Repeated(n, "("), "1", Repeated(n, ")"));
  };
  EXPECT_TRUE(Parses(brackets(bounds.nesting - 1)));
  EXPECT_FALSE(Parses(brackets(bounds.nesting)));
  EXPECT_FALSE(Parses(Repeated(50'000, "(")));
  EXPECT_FALSE(Parses(Repeated(50'000, "[")));
  EXPECT_FALSE(Parses(Repeated(20'000, "a?b:")));
}

TEST(Bounds, Height_AtTheLimitAndOneOver) {
  const Bounds bounds;
  EXPECT_TRUE(Parses(absl::StrCat("1", Repeated(bounds.height - 1, "+1"))));
  EXPECT_FALSE(Parses(absl::StrCat("1", Repeated(bounds.height, "+1"))));
  EXPECT_FALSE(Parses(absl::StrCat(Repeated(30'000, "!"), "true")));
  EXPECT_FALSE(Parses(absl::StrCat(Repeated(30'000, "-"), "x")));
  EXPECT_FALSE(Parses(absl::StrCat("a", Repeated(20'000, ".b"))));
  EXPECT_TRUE(Parses(absl::StrCat("true", Repeated(5'000, "&&true"))))
      << "long conditions make no tall tree";
}

TEST(Bounds, SizeAndParts_AtTheLimitAndOneOver) {
  Bounds bounds;
  EXPECT_TRUE(Parses(absl::StrCat("1", std::string(bounds.text_bytes - 1, ' '))));
  EXPECT_FALSE(Parses(absl::StrCat("1", std::string(bounds.text_bytes, ' '))));
  bounds.nodes = 4;
  EXPECT_TRUE(Parses("[1, 2, 3]", bounds));
  EXPECT_FALSE(Parses("[1, 2, 3, 4]", bounds));
}

TEST(Bounds, Cost_StopsWhatWouldRunForLong) {
  const std::string ten = "[0,1,2,3,4,5,6,7,8,9]";
  std::string nested = "true";
  for (const char* name : {"a", "b", "c", "d", "e", "f", "g", "h"}) {
    nested = absl::StrCat(ten, ".all(", name, ", ", nested, ")");
  }
  ExpectAll({{nested, "cost_limit"}, {nested + " || true", "cost_limit"}});
  std::string doubled = "'0123456789abcdef0123456789abcdef'";
  for (int i = 0; i < 30; ++i) doubled = absl::StrCat("[", doubled, "].map(x, x + x)[0]");
  ExpectAll({{doubled, "cost_limit"}});
}

TEST(Bounds, Pattern_IsRefusedWhenTooLong) {
  ExpectAll({{absl::StrCat("'a'.matches('", std::string(1'024, 'a'), "')"), "false"},
             {absl::StrCat("'a'.matches('", std::string(1'025, 'a'), "')"), "invalid_argument"},
             {"'a'.matches('((a{100}){100}){100}')", "invalid_argument"}});
}

TEST(Refusal, WhatIsLeftOut_IsNamed) {
  const Declarations none;
  EXPECT_NE(ProblemsOf("a.B{c: 1}", none).find("message construction"), std::string::npos);
  EXPECT_NE(ProblemsOf("[?1]", none).find("optional element"), std::string::npos);
  EXPECT_NE(ProblemsOf("{?'a': 1}", none).find("optional entry"), std::string::npos);
  EXPECT_NE(ProblemsOf("{'a': 1}.?a", none).find("optional field"), std::string::npos);
  EXPECT_NE(ProblemsOf("math.greatest(1, 2)", none).find("math.greatest() is an extension"),
            std::string::npos);
  EXPECT_NE(ProblemsOf("'a'.lowerAscii()", none).find("lowerAscii() is an extension"),
            std::string::npos);
  EXPECT_NE(ProblemsOf("optional.of(1)", none).find("optional.of()"), std::string::npos);
}

TEST(Suggestion, NearestWord) {
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3u);
  EXPECT_EQ(EditDistance("ab", "ba"), 1u);
  EXPECT_EQ(EditDistance("", "abc"), 3u);
  EXPECT_EQ(Suggest("purchaes", {"clv", "purchases"}), "did you mean 'purchases'?");
  EXPECT_EQ(Suggest("zzz", {"clv", "purchases"}), "");
}

}  // namespace
}  // namespace tenure::expression
