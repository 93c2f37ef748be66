#include "server/rules/test_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "tests/rules/fake_catalog.h"

namespace tenure::rules {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::string DefaultFolder() {
  const char* source = std::getenv("TENURE_SOURCE_DIR");
  return absl::StrCat(source == nullptr ? "." : source, "/rules/default");
}

class TestRunner : public testing::Test {
 protected:
  TestRunner() : compiled_(Compile(*ReadFolder(DefaultFolder()), FakeCatalog())) {}

  TestReport Run(const std::string& text) {
    return RunTests(*compiled_.rule_set, {{"a_test.yaml", absl::StrCat("at: 2018-01-03\n", text)}});
  }
  static std::string Rendered(const std::vector<Problem>& problems) {
    std::string all;
    for (const Problem& problem : problems) all += Render(problem);
    return all;
  }
  // What the only case fails with.
  std::string Failures(const std::string& one_case) {
    const TestReport report = Run(absl::StrCat("cases:\n  - ", one_case, "\n"));
    EXPECT_THAT(Rendered(report.problems), IsEmpty());
    return report.cases.empty() ? "no case" : Rendered(report.cases[0].failures);
  }

  const Compiled compiled_;
};

TEST_F(TestRunner, DefaultCases_PassAndReachEveryRule) {
  const auto tests = ReadFolder(DefaultFolder(), FolderPart::kTests);
  ASSERT_TRUE(tests.ok()) << tests.status();
  const TestReport report = RunTests(*compiled_.rule_set, *tests);
  EXPECT_THAT(Rendered(report.problems), IsEmpty());
  for (const CaseResult& result : report.cases) {
    EXPECT_THAT(Rendered(result.failures), IsEmpty()) << result.name;
  }
  EXPECT_GT(report.cases.size(), 20u);
  EXPECT_EQ(report.rules, 41u);
  for (const UnreachedRule& rule : report.unreached) ADD_FAILURE() << rule.what;
}

// BG/NBD says that every one-time buyer is alive, so that nobody of them would be won back: value
// is by `auto`, which takes it only where no other model with dropout has a fit, and says so.
TEST(DefaultRules, ValueModel_IsNeverNamedBgNbd) {
  const auto sources = ReadFolder(DefaultFolder());
  ASSERT_TRUE(sources.ok()) << sources.status();
  for (const Source& source : *sources) {
    const std::string& text = source.text;
    for (size_t at = text.find("bg_nbd"); at != std::string::npos;
         at = text.find("bg_nbd", at + 1)) {
      EXPECT_TRUE(at > 0 && text[at - 1] == 'm') << source.file;
    }
  }
  EXPECT_THAT(*sources, testing::Contains(testing::Field(&Source::text, HasSubstr("model: auto"))));
}

TEST_F(TestRunner, WrongStage_FailsWhereItIsExpected) {
  EXPECT_EQ(Failures("{name: a, customer: {purchases: 1}, expect: {stage: repeat}}"),
            "a_test.yaml:3:57: error: stage of lifecycle: expected repeat, found new\n"
            "    - {name: a, customer: {purchases: 1}, expect: {stage: repeat}}\n"
            "                                                          ^\n");
}

TEST_F(TestRunner, WrongSegments_NamesBothSets) {
  EXPECT_THAT(Failures("{name: a, customer: {last_category: Technology}, expect: {segments: []}}"),
              HasSubstr("segments: expected [], found [technology]"));
}

TEST_F(TestRunner, NotEligible_SaysByWhichGateAndWhy) {
  const std::string failures = Failures(
      "{name: a, customer: {purchases: 1, days_since_last_purchase: 2, rhythm_limit_days: 9}, "
      "expect: {eligible: [welcome], not_eligible: {welcome: stage}}}");
  EXPECT_THAT(failures,
              HasSubstr("expected [welcome], found []; welcome is stopped by eligibility"));
  EXPECT_THAT(failures, HasSubstr("days_since_last_purchase is 2"));
  EXPECT_THAT(failures, HasSubstr("should be stopped by stage, but is by eligibility"));
}

TEST_F(TestRunner, MissingFeature_IsNamed) {
  EXPECT_THAT(Failures("{name: a, customer: {purchases: 1}, expect: {eligible: [welcome]}}"),
              HasSubstr("stopped by missing: days_since_last_purchase is missing"));
}

TEST_F(TestRunner, Events_BecomeFacts) {
  EXPECT_EQ(Failures("{name: a, events: [{date: 2017-12-04T00:00:01Z, purchase: 900, category: "
                     "Technology}, {date: 2017-01-04, purchase: 1200}, {date: 2016-01-04, "
                     "purchase: 900}, {date: 2017-12-30, refund: 5}], customer: "
                     "{rhythm_limit_days: 300}, expect: {stages: {lifecycle: repeat, basket: "
                     "bulk_buyer}, segments: [technology], not_eligible: {upsell: eligibility}}}"),
            "");
}

TEST_F(TestRunner, UnknownNames_AreProblemsOfTheFile) {
  const TestReport report = Run(R"(
cases:
  - {name: a, customer: {purchaces: 1}, expect: {stage: nwe, segments: [valuabel]}}
  - {name: b, expect: {eligible: [welcom], not_eligible: {upsell: budget}, tier: high}}
  - {customer: {stage: new, purchases: many}, from: {lifecycle: {stage: newish}}}
  - {name: c, events: [{date: 2019-01-01, purchase: 3}, {date: 2017-01-01}], expect: {}}
)");
  EXPECT_FALSE(report.passed());
  const std::string problems = Rendered(report.problems);
  for (const char* expected :
       {"there is no feature \"purchaces\"", "did you mean \"purchases\"?",
        "there is no stage \"nwe\"", "there is no segment \"valuabel\"",
        "there is no campaign \"welcom\"", "\"budget\" is no gate", "unknown key \"tier\"",
        "a case needs the key \"name\"", "a case needs the key \"expect\"",
        "this event comes after", "an event is one of"}) {
    EXPECT_THAT(problems, HasSubstr(expected));
  }
}

TEST_F(TestRunner, ValueOfTheWrongType_IsAProblem) {
  const TestReport report =
      Run("cases: [{name: a, customer: {purchases: many, stage: new}, expect: {}}]\n");
  EXPECT_FALSE(report.passed());
  EXPECT_THAT(Rendered(report.problems), HasSubstr("\"purchases\" is of type int, not \"many\""));
  EXPECT_THAT(Rendered(report.problems), HasSubstr("\"stage\" follows from the rules"));
}

// As the engine: a track that moves is seen by the others at the next evaluation.
TEST(TestRunner_Tracks, TwoThatMoveTogether_EachSeesWhereTheOtherStood) {
  const Compiled compiled = Compile({{"rules.yaml", R"(
name: shop
currency: USD
zone: UTC
tracks:
  - {id: lifecycle, stages: [{id: new, enter: purchases == 1}, {id: repeat, enter: purchases >= 2}]}
  - id: club
    stages: [{id: guest, enter: 'purchases >= 0'}, {id: member, enter: 'stage == "repeat"'}]
)"}},
                                    FakeCatalog());
  ASSERT_NE(compiled.rule_set, nullptr);
  const auto passes = [&](const std::string& expect) {
    return RunTests(
               *compiled.rule_set,
               {{"a_test.yaml",
                 absl::StrCat("at: 2018-01-03\ncases: [{name: a, customer: {purchases: 2}, from: "
                              "{lifecycle: {stage: new, days: 3}}, expect: ",
                              expect, "}]\n")}})
        .passed();
  };
  EXPECT_TRUE(passes("{stages: {lifecycle: repeat, club: guest}}"));
  EXPECT_FALSE(passes("{stages: {lifecycle: repeat, club: member}}"));
}

// The engine's rule: an unknown margin is the rate of its revenue, and missing without a rate.
TEST(TestRunner_Margin, OfEvents_IsWhatCustomersHave) {
  const auto passes = [](const std::string& value, const std::string& events,
                         const std::string& expect) {
    const Compiled compiled = Compile(
        {{"rules.yaml",
          absl::StrCat("{name: shop, currency: USD, zone: UTC, value: ", value,
                       ", tracks: [{id: t, stages: [{id: s, enter: true}]}], segments: [{id: m, "
                       "when: margin_total == 9}, {id: zero, when: margin_total == 0}]}")}},
        FakeCatalog());
    EXPECT_NE(compiled.rule_set, nullptr);
    return RunTests(
               *compiled.rule_set,
               {{"a_test.yaml", absl::StrCat("{at: 2018-01-03, cases: [{name: a, events: [", events,
                                             "], expect: {segments: [", expect, "]}}]}")}})
        .passed();
  };
  const std::string known = "{date: 2017-05-01, purchase: 40, margin: 10}";
  const std::string refund = "{date: 2017-05-02, refund: 4, margin: 1}";
  const std::string unknown = "{date: 2017-05-03, purchase: 20}";
  EXPECT_TRUE(passes("{}", absl::StrCat(known, ", ", refund), "m"));
  EXPECT_TRUE(passes("{}", "", "zero"));
  EXPECT_TRUE(passes("{}", unknown, ""));
  EXPECT_TRUE(passes("{margin_rate: 0.45}", unknown, "m"));
}

}  // namespace
}  // namespace tenure::rules
