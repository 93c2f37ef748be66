#include "server/rules/compiler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/base/limits.h"
#include "server/rules/features.h"
#include "server/rules/yaml_document.h"
#include "tests/rules/fake_catalog.h"

namespace tenure::rules {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string SourceDir() {
  const char* source = std::getenv("TENURE_SOURCE_DIR");
  return source == nullptr ? "." : source;
}

std::vector<Source> DefaultRules() {
  const auto sources = ReadFolder(absl::StrCat(SourceDir(), "/rules/default"));
  EXPECT_TRUE(sources.ok()) << sources.status();
  return sources.ok() ? *sources : std::vector<Source>();
}

std::string Rendered(const Compiled& compiled) {
  std::string all;
  for (const Problem& problem : compiled.problems) all += Render(problem);
  return all;
}

Compiled CompileText(const std::string& text) {
  return Compile({{"rules.yaml", text}}, FakeCatalog());
}

constexpr char kHead[] =
    "name: shop\ncurrency: USD\nzone: UTC\n"
    "tracks: [{id: lifecycle, stages: [{id: new, enter: purchases == 1}]}]\n";

TEST(Compile_DefaultRules, ReadsEveryPart) {
  const Compiled compiled = Compile(DefaultRules(), FakeCatalog());
  ASSERT_NE(compiled.rule_set, nullptr) << Rendered(compiled);
  EXPECT_TRUE(compiled.problems.empty()) << Rendered(compiled);
  const RuleSet& set = *compiled.rule_set;
  EXPECT_EQ(set.currency, "USD");
  EXPECT_EQ(set.zone, "America/New_York");
  EXPECT_EQ(set.hash.size(), 64u);
  EXPECT_EQ(set.holdout.share, 300u);
  EXPECT_EQ(set.quiet_hours->from_minute, 21 * 60);
  EXPECT_EQ(set.quiet_hours->to_minute, 8 * 60);
  ASSERT_EQ(set.caps.size(), 3u);
  EXPECT_EQ(set.caps[0].rolling_us, 7 * kMicrosPerDay);
  EXPECT_EQ(set.caps[1].rolling_us, 0);
  EXPECT_EQ(set.caps[1].calendar, Period::kMonth);
  ASSERT_EQ(set.budgets.size(), 1u);
  EXPECT_EQ(set.budgets[0].limit_micros, 100'000'000);
  EXPECT_EQ(set.budgets[0].segments.back().id, "unplanned");
  EXPECT_EQ(set.budgets[0].segments.back().max_micros, 5'000'000);
  EXPECT_EQ(set.budgets[0].segments[4].when.program, nullptr);
  ASSERT_EQ(set.campaigns.size(), 6u);
  EXPECT_EQ(set.campaigns[0].offers[1].discount_rate, 0.10);
  EXPECT_EQ(set.campaigns[0].offers[1].max_discount_micros, 30'000'000);
  EXPECT_EQ(set.campaigns[0].holdout_share, 1'000u);
  EXPECT_THAT(set.campaigns[3].stages, ElementsAre("at_risk", "dormant", "lost"));
}

TEST(Compile_Schema, BuiltInsThenTracksThenAttributesThenSegments) {
  const Compiled compiled = Compile(DefaultRules(), FakeCatalog());
  ASSERT_NE(compiled.rule_set, nullptr) << Rendered(compiled);
  const Schema& schema = *compiled.rule_set->schema;
  for (int i = 0; i < kFeatureCount; ++i) {
    EXPECT_EQ(schema.field(static_cast<size_t>(i)).name, Features()[static_cast<size_t>(i)].name);
  }
  EXPECT_EQ(schema.field(kFeatureCount).name, "track.basket");
  EXPECT_EQ(schema.field(kFeatureCount + 1).name, "customer.segment");
  EXPECT_EQ(schema.field(schema.size() - 1).name, "segment.technology");
}

TEST(Compile_Hash, IndependentOfFileOrderAndOfEveryByteDependent) {
  std::vector<Source> sources = DefaultRules();
  const std::string hash = Compile(sources, FakeCatalog()).rule_set->hash;
  std::reverse(sources.begin(), sources.end());
  EXPECT_EQ(Compile(sources, FakeCatalog()).rule_set->hash, hash);
  sources[0].text += "#";
  EXPECT_NE(Compile(sources, FakeCatalog()).rule_set->hash, hash);
}

TEST(Compile_Hash, MovedBytesBetweenFilesAreAnotherVersion) {
  const Compiled a = Compile({{"a.yaml", kHead}, {"b.yaml", "placements: 2\n#x"}}, FakeCatalog());
  const Compiled b = Compile({{"a.yaml", absl::StrCat(kHead, "#x")}, {"b.yaml", "placements: 2\n"}},
                             FakeCatalog());
  ASSERT_NE(a.rule_set, nullptr) << Rendered(a);
  ASSERT_NE(b.rule_set, nullptr) << Rendered(b);
  EXPECT_NE(a.rule_set->hash, b.rule_set->hash);
}

TEST(Compile_Section, InTwoFilesNamesBoth) {
  const Compiled compiled =
      Compile({{"b.yaml", "placements: 2\n"}, {"a.yaml", absl::StrCat(kHead, "placements: 2\n")}},
              FakeCatalog());
  EXPECT_EQ(Rendered(compiled),
            "b.yaml:1:1: error: the section \"placements\" stands in two files\n"
            "  placements: 2\n  ^\n  the other is a.yaml\n");
}

TEST(Compile_BrokenFile, OthersAreJudgedAsFarAsTheyDoNotReferToIt) {
  const std::string campaigns = "campaigns:\n  - {id: a, channel: email\n";
  const std::string settings = absl::StrCat(
      kHead, "segments: [{id: s, when: purchaces > 1}]\nbudgets: [{id: b, limit: -1}]\n",
      "caps: [{id: c, count: 1, rolling: 1d, scope: campaign, scope_value: a}]\n");
  const std::string rendered =
      Rendered(Compile({{"a.yaml", settings}, {"b.yaml", campaigns}}, FakeCatalog()));
  EXPECT_THAT(rendered, HasSubstr("b.yaml:3:1: error: not valid YAML"));
  EXPECT_THAT(rendered, HasSubstr("unknown name 'purchaces'"));
  EXPECT_THAT(rendered, HasSubstr("an amount can't be negative"));
  EXPECT_THAT(rendered, Not(HasSubstr("there is no campaign")));  // it may stand in b.yaml

  const std::string tracks = Rendered(Compile(
      {{"a.yaml", "tracks: [\n"}, {"b.yaml", "segments: [{id: s, when: stage == 'new'}]\n"}},
      FakeCatalog()));
  EXPECT_THAT(tracks, HasSubstr("a.yaml:2:1: error: not valid YAML"));
  EXPECT_THAT(tracks, Not(HasSubstr("is never")));
}

TEST(Compile_Params, CanonicalJsonWithSortedKeysAndCoreSchemaTypes) {
  const Compiled compiled = CompileText(absl::StrCat(
      kHead,
      "campaigns: [{id: a, channel: email, plugin: upsell, offers: [{id: x}], params: "
      "{z: 1, b: [true, no, ~], a: 0x10, c: 1.50, d: '1', e: 1e3, f: 2017-01-01, g: {y: , x: -0}}"
      "}]\n"));
  ASSERT_NE(compiled.rule_set, nullptr) << Rendered(compiled);
  EXPECT_EQ(compiled.rule_set->campaigns[0].params_json,
            R"({"a":16,"b":[true,"no",null],"c":1.5,"d":"1","e":1000.0,"f":"2017-01-01",)"
            R"("g":{"x":0,"y":null},"z":1})");
}

TEST(Compile_BillionLaughs, RefusedByName) {
  std::string text = "a: &a [x,x,x,x,x,x,x,x,x,x]\n";
  for (char c = 'b'; c < 'k'; ++c) {
    const char before = static_cast<char>(c - 1);
    absl::StrAppend(&text, std::string(1, c), ": &", std::string(1, c), " [");
    for (int i = 0; i < 10; ++i) absl::StrAppend(&text, i ? ",*" : "*", std::string(1, before));
    text += "]\n";
  }
  EXPECT_THAT(Rendered(CompileText(text)), HasSubstr("more than 200000 values"));
}

TEST(Compile_MergeKeys, ThatCopyTooMuchAreRefused) {
  std::string text = "m0: &m0 {k0: 1}\n";
  for (int i = 1; i < 1'000; ++i) {
    absl::StrAppend(&text, "m", i, ": &m", i, " {<<: *m", i - 1, ", k", i, ": 1}\n");
  }
  EXPECT_THAT(Rendered(CompileText(text)), HasSubstr("more than 200000 values"));
}

TEST(Compile_Depth, AtTheLimitAndOneOver) {
  const auto nested = [](size_t depth) {
    return absl::StrCat(kHead, "x: ", std::string(depth, '['), std::string(depth, ']'), "\n");
  };
  // The file's map is the first level.
  EXPECT_THAT(Rendered(CompileText(nested(kMaxYamlDepth - 1))), HasSubstr("unknown key \"x\""));
  EXPECT_THAT(Rendered(CompileText(nested(kMaxYamlDepth))), HasSubstr("nested deeper than 64"));
  EXPECT_THAT(Rendered(CompileText(nested(kMaxYamlOpenBrackets + 1))),
              HasSubstr("more than 1000 brackets stay open"));
  std::string lines = "x:\n";
  for (int i = 0; i < 900; ++i) lines += "{\n";
  EXPECT_EQ(CompileText(lines).rule_set, nullptr);
  EXPECT_EQ(CompileText("x: " + std::string(5'000, '-')).rule_set, nullptr);
  std::string dashes;
  for (int i = 0; i < 3'000; ++i) dashes += "- ";
  EXPECT_EQ(CompileText(dashes).rule_set, nullptr);
}

TEST(Compile_Line, AtTheLimitAndOneOver) {
  const auto comment = [](size_t length) {
    return absl::StrCat(kHead, "#", std::string(length - 1, 'x'), "\n");
  };
  EXPECT_NE(CompileText(comment(kMaxYamlLineBytes)).rule_set, nullptr);
  EXPECT_THAT(Rendered(CompileText(comment(kMaxYamlLineBytes + 1))),
              HasSubstr("longer than 10000 bytes"));
}

TEST(Compile_Bytes, AtTheLimitAndOneOver) {
  std::string text = kHead;
  while (text.size() + 1'000 < Limits().rule_set_bytes) text += std::string(999, '#') + "\n";
  text += std::string(Limits().rule_set_bytes - text.size(), '#');
  EXPECT_NE(CompileText(text).rule_set, nullptr);
  EXPECT_THAT(Rendered(CompileText(text + "#")), HasSubstr("the limit is 4194304"));
}

TEST(Compile_Offers, AtTheLimitAndOneOver) {
  const auto with_offers = [](int count) {
    std::string text = absl::StrCat(
        kHead, "campaigns:\n  - id: a\n    channel: email\n    plugin: upsell\n    offers:\n");
    for (int i = 0; i < count; ++i) absl::StrAppend(&text, "      - {id: o", i, "}\n");
    return text;
  };
  EXPECT_NE(CompileText(with_offers(64)).rule_set, nullptr);
  EXPECT_THAT(Rendered(CompileText(with_offers(65))), HasSubstr("more than 64 offers"));
}

TEST(Compile_Placements, AtTheLimitAndOneOver) {
  EXPECT_NE(CompileText(absl::StrCat(kHead, "placements: 16\n")).rule_set, nullptr);
  EXPECT_THAT(Rendered(CompileText(absl::StrCat(kHead, "placements: 17\n"))),
              HasSubstr("from 1 to 16"));
}

TEST(Compile_Hold, OfNoLengthIsRefused) {
  const auto with_hold = [](const std::string& hold) {
    return absl::StrCat(kHead,
                        "campaigns:\n  - {id: a, channel: email, plugin: upsell, hold: ", hold,
                        ", offers: [{id: o}]}\n");
  };
  EXPECT_NE(CompileText(with_hold("1s")).rule_set, nullptr);
  const Compiled refused = CompileText(with_hold("0s"));
  EXPECT_EQ(refused.rule_set, nullptr);
  EXPECT_THAT(Rendered(refused), HasSubstr("held for less than a second"));
}

TEST(Compile_RollingCap, LongerThanContactsAreKeptIsRefused) {
  const auto with_days = [](int days) {
    return absl::StrCat(kHead, "caps: [{id: a, count: 1, rolling: ", days, "d}]\n");
  };
  EXPECT_NE(CompileText(with_days(400)).rule_set, nullptr);
  EXPECT_THAT(Rendered(CompileText(with_days(401))), HasSubstr("at most 400 days"));
}

TEST(Compile_ManyProblems, AreCountedNotListed) {
  std::string text = kHead;
  for (int i = 0; i < 300; ++i) absl::StrAppend(&text, "nonsense", i, ": 1\n");
  const Compiled compiled = CompileText(text);
  EXPECT_EQ(compiled.problems.size(), 201u);
  EXPECT_THAT(compiled.problems.back().message, HasSubstr("100 further problems"));
}

TEST(Compile_Bytes, ThatAreNoTextAreRefusedWhereTheyStand) {
  EXPECT_THAT(Rendered(CompileText("name: caf\xE9\n")), HasSubstr("rules.yaml:1:10: error: the file"
                                                                  " is not UTF-8 text"));
  EXPECT_THAT(Rendered(CompileText(std::string("name: a\0b\n", 10))),
              HasSubstr("rules.yaml:1:8: error: a control character"));
  EXPECT_THAT(Rendered(CompileText("\x7F"
                                   "ELF\x02\x01")),
              HasSubstr("a control character"));
  EXPECT_THAT(Rendered(CompileText("\xFF\xFE"
                                   "n\0a\0")),
              HasSubstr("not UTF-8"));
  EXPECT_THAT(Rendered(CompileText("")), HasSubstr("the file is empty"));
}

TEST(Compile_Pacing, ReadsWhatIsStatedAndKeepsDefaults) {
  const std::string text =
      absl::StrCat(kHead, "budgets: [{id: a, limit: 9, segments: [{id: s}], pacing: {}},\n",
                   "  {id: b, limit: 9, segments: [{id: s}],\n",
                   "   pacing: {shape: front_loaded, day_max: 1.5, stale_after: 6h}},\n",
                   "  {id: c, limit: 9, segments: [{id: s}]}]\n");
  const Compiled compiled = CompileText(text);
  ASSERT_NE(compiled.rule_set, nullptr) << Rendered(compiled);
  const std::vector<Budget>& budgets = compiled.rule_set->budgets;
  ASSERT_TRUE(budgets[0].pacing.has_value() && budgets[1].pacing.has_value());
  EXPECT_EQ(budgets[0].pacing->shape, PacingShape::kCurve);
  EXPECT_FALSE(budgets[0].pacing->day_max_micros.has_value());
  EXPECT_EQ(budgets[0].pacing->stale_after_us, kMicrosPerHour);
  EXPECT_EQ(budgets[1].pacing->shape, PacingShape::kFrontLoaded);
  EXPECT_EQ(budgets[1].pacing->day_max_micros, 1'500'000);
  EXPECT_EQ(budgets[1].pacing->stale_after_us, 6 * kMicrosPerHour);
  EXPECT_FALSE(budgets[2].pacing.has_value());
}

TEST(Compile_Pacing, TooShortASilenceOrNoMoneyADay_AreProblems) {
  const auto problems = [](const std::string& pacing) {
    return Rendered(CompileText(absl::StrCat(
        kHead, "budgets: [{id: a, limit: 9, segments: [{id: s}], pacing: ", pacing, "}]\n")));
  };
  EXPECT_THAT(problems("{stale_after: 4m}"), HasSubstr("error: silence of less than five minutes"));
  EXPECT_THAT(problems("{day_max: 0}"), HasSubstr("warning: \"day_max\" is 0"));
  EXPECT_THAT(problems("{shape: evn}"), HasSubstr("even"));
  EXPECT_THAT(problems("{most: 3}"), HasSubstr("unknown key \"most\""));
}

TEST(Compile_Windows, LineEndsAndByteOrderMarkAreText) {
  const std::string text =
      absl::StrCat("\xEF\xBB\xBF", absl::StrReplaceAll(kHead, {{"\n", "\r\n"}}));
  const Compiled compiled = CompileText(text);
  EXPECT_NE(compiled.rule_set, nullptr) << Rendered(compiled);
  EXPECT_THAT(Rendered(CompileText(text + "x: 1\r\n")),
              HasSubstr("rules.yaml:5:1: error: unknown key \"x\""));
}

TEST(Compile_Columns, CountCharactersNotBytes) {
  const Compiled compiled =
      CompileText(absl::StrCat(kHead, "segments: [{title: Käufer, id: a, wann: b, when: true}]\n"));
  EXPECT_THAT(Rendered(compiled), HasSubstr("rules.yaml:5:35: error: unknown key \"wann\""));
}

TEST(ReadFolder_Bad, SaysWhy) {
  EXPECT_EQ(ReadFolder("/nowhere").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReadFolder(absl::StrCat(SourceDir(), "/server/rules")).status().code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace tenure::rules
