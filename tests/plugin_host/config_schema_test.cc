#include "server/plugin_host/config_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tenure::plugin_host {
namespace {

using testing::HasSubstr;

constexpr char kSchema[] = R"({
  "type": "object", "additionalProperties": false, "required": ["name"],
  "properties": {
    "name": {"type": "string"},
    "share": {"type": "number", "minimum": 0, "maximum": 0.5},
    "mode": {"enum": ["a", "b"]},
    "steps": {"type": "array", "maxItems": 3, "items": {
      "type": "object", "additionalProperties": false,
      "properties": {"from": {"type": "integer"}}}}}})";

std::vector<ConfigProblem> Check(const std::string& json) {
  const auto schema = ConfigSchema::Parse(kSchema);
  EXPECT_TRUE(schema.ok()) << schema.status();
  return (*schema)->Check(json);
}

TEST(ConfigSchema, RightParameters_HaveNoProblem) {
  EXPECT_TRUE(Check(R"({"name":"x","share":0.5,"mode":"a","steps":[{"from":1}]})").empty());
}

TEST(ConfigSchema, EachProblem_HasItsPointer) {
  const auto problems = Check(
      R"({"name":1,"share":0.7,"mode":"c","steps":[{"from":1},{"from":"x"}],"a/b":1,"zz":2})");
  ASSERT_EQ(problems.size(), 6u);
  EXPECT_EQ(problems[0].pointer, "/a~1b");
  EXPECT_EQ(problems[0].message, "unknown key");
  EXPECT_EQ(problems[1].pointer, "/mode");
  EXPECT_EQ(problems[2].pointer, "/name");
  EXPECT_THAT(problems[2].message, HasSubstr("\"string\""));
  EXPECT_EQ(problems[3].pointer, "/share");
  EXPECT_THAT(problems[3].message, HasSubstr("less than or equal to 0.5"));
  EXPECT_EQ(problems[4].pointer, "/steps/1/from");
  EXPECT_THAT(problems[4].message, HasSubstr("integer"));
  EXPECT_EQ(problems[5].pointer, "/zz");
}

TEST(ConfigSchema, MissingKey_IsAtItsObject) {
  const auto problems = Check("{}");
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].pointer, "");
  EXPECT_THAT(problems[0].message, HasSubstr("'name'"));
}

TEST(ConfigSchema, NotJson_IsOneProblem) {
  ASSERT_EQ(Check("{").size(), 1u);
  EXPECT_EQ(Check("[]").size(), 1u);
}

TEST(ConfigSchemaParse, OpenOrBrokenSchema_IsRefused) {
  EXPECT_FALSE(ConfigSchema::Parse("nonsense").ok());
  EXPECT_FALSE(ConfigSchema::Parse("[]").ok());
  EXPECT_FALSE(ConfigSchema::Parse(R"({"type":"object"})").ok());
  EXPECT_FALSE(
      ConfigSchema::Parse(R"({"type":"object","additionalProperties":false,"properties":3})").ok());
}

}  // namespace
}  // namespace tenure::plugin_host
