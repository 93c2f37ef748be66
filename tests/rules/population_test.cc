// Populations of the section "value": what they inherit, and who is in which.
#include "server/rules/population.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "server/rules/features.h"
#include "server/rules/margin_total.h"
#include "server/rules/model_name.h"
#include "server/rules/test_runner.h"
#include "tests/rules/fake_catalog.h"

namespace tenure::rules {
namespace {

using testing::ElementsAre;

constexpr char kRules[] = R"(
name: shop
currency: EUR
zone: UTC
tracks:
  - {id: lifecycle, stages: [{id: new, enter: purchases == 1}]}
attributes: [{name: plan}]
value:
  margin_rate: 30 %
  horizon_days: 400
  discount: 12 %/year compounded monthly
  margin_by_category: {shoes: 40 %, hats: 0.5}
  populations:
    - {name: gym, when: customer.plan == "gym", model: bdw, time_unit_days: 31, discount: 1 %/month}
    - {name: old, when: segment.old, margin_rate: 10 %, horizon_days: 100}
segments:
  - {id: far, when: customer.plan == "x"}
  - {id: old, when: tenure_days > 365.0}
)";

std::shared_ptr<const RuleSet> Rules() {
  const Compiled compiled = Compile({{"rules.yaml", kRules}}, FakeCatalog());
  for (const Problem& problem : compiled.problems) ADD_FAILURE() << Render(problem);
  return compiled.rule_set;
}

TEST(Populations, InheritWhatTheyDoNotState) {
  const auto set = Rules();
  const ValueSettings& value = set->value;
  EXPECT_NEAR(value.discount_per_year, std::pow(1.01, 12) - 1, 1e-12);
  ASSERT_EQ(value.populations.size(), 2u);
  const ModelSettings& gym = value.SettingsOf(0);
  EXPECT_EQ(gym.model, "bdw");
  EXPECT_EQ(gym.time_unit_days, 31);
  EXPECT_EQ(gym.horizon_days, 400);
  EXPECT_NEAR(gym.discount_per_year, value.discount_per_year, 1e-12);
  EXPECT_EQ(gym.margin_rate, 0.3);
  EXPECT_EQ(value.SettingsOf(1).model, "auto");
  EXPECT_EQ(value.SettingsOf(1).margin_rate, 0.1);
  EXPECT_EQ(value.SettingsOf(1).horizon_days, 100);
  EXPECT_EQ(value.SettingsOf(2).horizon_days, 400);
  EXPECT_EQ(value.NameOf(0), "gym");
  EXPECT_EQ(value.NameOf(2), "rest");
  EXPECT_THAT(value.population_segments, ElementsAre(1u));
  const std::vector<std::pair<std::string, double>> margins = {{"hats", 0.5}, {"shoes", 0.4}};
  EXPECT_EQ(value.margin_by_category, margins);
}

TEST(Divide, FirstConditionThatHolds_MissingDoesNot) {
  const auto rules = Rules();
  const RuleSet& set = *rules;
  Batch batch(set.schema, 4);
  const size_t plan = *set.schema->Find("customer.plan");
  batch.SetString(plan, 0, "gym");
  batch.SetDouble(kTenureDays, 0, 400);
  batch.SetString(plan, 1, "y");
  batch.SetDouble(kTenureDays, 1, 400);
  batch.SetDouble(kTenureDays, 2, 100);
  PopulationScratch scratch;
  std::vector<uint32_t> out(4);
  Divide(set, &batch, &scratch, absl::MakeSpan(out));
  EXPECT_THAT(out, ElementsAre(0u, 1u, 2u, 2u));
}

// The population of a case follows from its facts, and its margins from the population.
TEST(RunTests, PopulationAndMarginsByCategory_AreWorkedOut) {
  const Compiled compiled =
      Compile({{"rules.yaml", absl::StrCat(kRules,
                                           "  - {id: is_gym, when: population == \"gym\"}\n"
                                           "  - {id: m5, when: margin_total == 5.0}\n"
                                           "  - {id: m7, when: margin_total == 7.0}\n")}},
              FakeCatalog());
  ASSERT_NE(compiled.rule_set, nullptr);
  const auto passes = [&](const std::string& plan, const std::string& events,
                          const std::string& segments) {
    const TestReport report = RunTests(
        *compiled.rule_set,
        {{"a_test.yaml",
          absl::StrCat("at: 2018-01-03\ncases:\n  - {name: a, customer: {customer.plan: ", plan,
                       "}, events: [", events, "], expect: {segments: [", segments, "]}}\n")}});
    for (const Problem& problem : report.problems) ADD_FAILURE() << Render(problem);
    return report.passed();
  };
  EXPECT_TRUE(passes("gym", "{date: 2018-01-01, purchase: 10, category: hats}", "is_gym, m5"));
  // A tenth of what has no category, since two years ago puts the customer into `old`.
  EXPECT_TRUE(passes("y",
                     "{date: 2016-01-01, purchase: 20}, "
                     "{date: 2018-01-01, purchase: 10, category: hats}",
                     "old, m7"));
}

TEST(Populations, ThatOthersTakeEverybodyFrom_AreWarnedOf) {
  const Compiled compiled =
      Compile({{"rules.yaml",
                "name: shop\ncurrency: EUR\nzone: UTC\nattributes: [{name: plan}]\n"
                "tracks: [{id: t, stages: [{id: s, enter: purchases == 1}]}]\n"
                "value:\n  populations:\n"
                "    - {name: gym, when: customer.plan == \"gym\"}\n"
                "    - {name: club, when: customer.plan == \"gym\"}\n"
                "    - {name: other, when: purchases > 3}\n"}},
              FakeCatalog());
  ASSERT_NE(compiled.rule_set, nullptr);
  ASSERT_EQ(compiled.problems.size(), 1u);
  EXPECT_THAT(Render(compiled.problems[0]), testing::HasSubstr("is in \"gym\" before it"));
}

TEST(Example, Gym_CompilesAndPassesItsCases) {
  const char* source = std::getenv("TENURE_SOURCE_DIR");
  const std::string folder = absl::StrCat(source == nullptr ? "." : source, "/rules/examples/gym");
  const Compiled compiled = Compile(*ReadFolder(folder), FakeCatalog());
  for (const Problem& problem : compiled.problems) ADD_FAILURE() << Render(problem);
  ASSERT_NE(compiled.rule_set, nullptr);
  const TestReport report = RunTests(*compiled.rule_set, *ReadFolder(folder, FolderPart::kTests));
  for (const Problem& problem : report.problems) ADD_FAILURE() << Render(problem);
  for (const CaseResult& result : report.cases) {
    for (const Problem& problem : result.failures) ADD_FAILURE() << Render(problem);
  }
  for (const UnreachedRule& rule : report.unreached) ADD_FAILURE() << rule.what;
}

TEST(MarginTotal, Refunds_TakeTheSameShareOfAllCategories) {
  MoneyTotals totals;
  totals.revenue = 60'000'000;
  totals.by_category = 50'000'000;
  totals.margin_by_category = 0.4 * 50e6;
  totals.unknown = 50'000'000;
  totals.refunded_unknown = 40'000'000;
  EXPECT_FALSE(MarginTotal(totals, std::nullopt).has_value());
  EXPECT_DOUBLE_EQ(*MarginTotal(totals, 0.2), (20 + 10) * 0.6);
  totals.margin = 3'000'000;
  totals.unknown = 0;
  totals.refunded_unknown = 0;
  EXPECT_DOUBLE_EQ(*MarginTotal(totals, std::nullopt), 23);
}

TEST(ModelName, RegularTiming_HasAK) {
  for (const char* name : {"auto", "mbg_nbd", "sbg", "bdw", "bg_bb", "cnbd_2", "bg_cnbd_12",
                           "mbg_cnbd_k", "pareto_nbd"}) {
    EXPECT_TRUE(IsModelName(name)) << name;
  }
  for (const char* name : {"", "gamma_gamma", "cnbd_1", "mbg_cnbd_13", "mbg_bg_cnbd_2", "cnbd_"}) {
    EXPECT_FALSE(IsModelName(name)) << name;
  }
}

}  // namespace
}  // namespace tenure::rules
