// A fit of the rule set's populations: shoppers of two countries, a thin third one, and members
// with contracts in one base.
#include "server/planning/population_fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "absl/strings/str_cat.h"
#include "server/base/random.h"
#include "server/base/time.h"
#include "server/clv/model_kind.h"
#include "server/clv/renewals.h"
#include "server/clv/simulate.h"
#include "server/planning/expected_purchases.h"
#include "server/planning/fit_options.h"
#include "server/planning/model_comparison.h"
#include "server/planning/model_fit.h"
#include "server/planning/model_health.h"
#include "server/planning/model_validation.h"
#include "server/planning/population_report.h"
#include "server/rules/compiler.h"
#include "server/rules/model_name.h"
#include "server/rules/trusting_catalog.h"

namespace tenure::planning {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr int64_t kNowUs = 17'533 * kMicrosPerDay;  // 2018-01-02
constexpr double kWeeks = 100;

std::shared_ptr<const rules::RuleSet> RulesOf(const std::string& value) {
  const rules::Compiled compiled = rules::Compile(
      {{"rules.yaml", absl::StrCat("name: shop\ncurrency: EUR\nzone: UTC\n"
                                   "attributes: [{name: plan}, {name: country}]\n"
                                   "tracks: [{id: t, stages: [{id: s, enter: true}]}]\n",
                                   "value:\n  model: mbg_nbd\n  learn_from: all\n", value)}},
      rules::TrustingCatalog());
  for (const rules::Problem& problem : compiled.problems) {
    if (problem.severity == rules::Severity::kError) ADD_FAILURE() << rules::Render(problem);
  }
  return compiled.rule_set;
}

constexpr char kPopulations[] = R"(
  populations:
    - {name: gym, when: customer.plan == "gym", model: sbg, time_unit_days: 31, margin_rate: 60 %}
    - {name: de, when: customer.country == "de"}
    - {name: at, when: customer.country == "at", discount: 1 %/month}
    - {name: moon, when: customer.country == "moon", model: bdw, time_unit_days: 366}
)";

journal::EventRecord Bought(int64_t at_us, double spend) {
  journal::EventRecord event;
  event.happened_us = at_us;
  event.amount_micros = static_cast<int64_t>(std::round(spend * 100)) * 10'000;
  event.margin_micros = event.amount_micros * 3 / 10;
  return event;
}

journal::EventRecord Is(const char* attribute, const char* value) {
  journal::EventRecord event;
  event.type = journal::EventType::kAttributes;
  event.happened_us = kNowUs - 720 * kMicrosPerDay;
  event.attributes.emplace_back(attribute, std::string(value));
  return event;
}

class Base {
 public:
  Base() {
    AddShoppers("de", {0.8, 4, 0.9, 1.8}, 500, 1);
    AddShoppers("fr", {0.8, 14, 0.9, 1.8}, 500, 2);
    AddShoppers("at", {0.8, 4, 0.9, 1.8}, 60, 3);
    AddMembers(400);
    change.Publish();
  }

  customers::Population population;
  customers::Change change{&population};

 private:
  void AddShoppers(const char* country, const std::vector<double>& parameters, int customers,
                   uint64_t seed) {
    const clv::Simulator simulator(clv::CreatePurchaseModel("mbg_nbd", parameters).value(),
                                   {6.25, 3.74, 44}, seed);
    clv::SimulatedCustomer drawn;
    for (int i = 0; i < customers; ++i) {
      const double joined = 80 * simulator.UniformOf(static_cast<uint64_t>(i), 1);
      simulator.Draw(static_cast<uint64_t>(i), kWeeks - joined, &drawn);
      const uint32_t number = change.FindOrAdd(absl::StrCat(country, i));
      change.Apply(number, Is("country", country), kNowUs, {});
      for (size_t k = 0; k < drawn.times.size(); ++k) {
        const double weeks = kWeeks - joined - drawn.times[k];
        change.Apply(
            number,
            Bought(kNowUs - static_cast<int64_t>(weeks * 7 * kMicrosPerDay) - 1, drawn.spends[k]),
            kNowUs, {});
      }
    }
  }

  // Members since one of the last 20 months, of whom each leaves at a renewal by a chance of their
  // own, Beta(1, 4): 30 days is a month that comes too early for the period of 31.
  void AddMembers(int customers) {
    Random random(7);
    for (int i = 0; i < customers; ++i) {
      const uint32_t number = change.FindOrAdd(absl::StrCat("member", i));
      change.Apply(number, Is("plan", "gym"), kNowUs, {});
      const double leaves = 1 - std::pow(random.Uniform(), 1.0 / 4);
      const auto months = static_cast<int>(2 + random.Below(18));
      for (int month = months; month >= 0; --month) {
        const int64_t at_us =
            kNowUs - (month * 30 + 5 + static_cast<int64_t>(random.Below(2))) * kMicrosPerDay;
        change.Apply(number, Bought(at_us, 30), kNowUs, {});
        if (random.Uniform() < leaves) break;
      }
    }
  }
};

const Base& SharedBase() {
  static const auto* const base = new Base();
  return *base;
}

journal::ModelRecord Fit(const std::shared_ptr<const rules::RuleSet>& rules, double holdout = 0) {
  const auto record = FitPopulation(rules, SharedBase().population, {kNowUs, holdout});
  EXPECT_TRUE(record.ok()) << record.status();
  return record.ok() ? *record : journal::ModelRecord();
}

TEST(PopulationFit, EachHasItsModel_AndThinOnesBorrowAndSaySo) {
  const journal::ModelRecord record = Fit(RulesOf(kPopulations));
  const clv::ModelDocument models = ModelOf(record).value();
  ASSERT_NE(models.populations, nullptr);
  EXPECT_EQ(models.ModelOf("gym").model(), "sbg");
  EXPECT_EQ(models.ModelOf("gym").options().margin_rate, 0.6);
  EXPECT_NEAR(models.ModelOf("de").options().margin_rate, 0.3, 1e-6);
  EXPECT_NEAR(models.ModelOf("at").options().discount_per_year, std::pow(1.01, 12) - 1, 1e-9);
  EXPECT_THAT(TextOf(models, "gym"), StartsWith("own: "));
  EXPECT_THAT(TextOf(models, "de"), StartsWith("own: "));
  EXPECT_THAT(TextOf(models, "at"), StartsWith("borrowed: "));
  EXPECT_THAT(TextOf(models, "at"), HasSubstr("weight of own data"));
  EXPECT_THAT(TextOf(models, "rest"), StartsWith("own: "));
  EXPECT_THAT(TextOf(models, "moon"), StartsWith("pooled: "));
  // Mean purchases a week, r / alpha: the thin country is drawn from the pooled towards its own.
  const auto rate = [&](const char* name) {
    const std::vector<double>& at = models.ModelOf(name).parameters().purchase;
    return at[0] / at[1];
  };
  EXPECT_NEAR(rate("de"), 0.2, 0.06);
  EXPECT_NEAR(rate("rest"), 0.8 / 14, 0.02);
  EXPECT_GT(rate("at"), rate("rest"));
  const std::vector<double>& gym = models.ModelOf("gym").parameters().purchase;
  EXPECT_NEAR(gym[0] / (gym[0] + gym[1]), 1.0 / 5, 0.04);  // mean chance to leave
}

TEST(PopulationFit, Report_SaysEachOnesPart) {
  const auto report = nlohmann::json::parse(Fit(RulesOf(kPopulations), 60).report_json);
  ASSERT_EQ(report["populations"].size(), 5u);
  for (const auto& one : report["populations"]) {
    const auto name = one["name"].get<std::string>();
    EXPECT_EQ(one["customers"], name == "gym"    ? 400
                                : name == "de"   ? 500
                                : name == "rest" ? 500
                                : name == "at"   ? 60
                                                 : 0)
        << one;
    if (name == "gym") {
      EXPECT_EQ(one["margin_rate_source"], "rule set");
    }
    if (name == "at") {
      EXPECT_EQ(one["purchases"]["source"], "borrowed");
    }
  }
  EXPECT_GE(report["holdout"].size(), 4u);
  for (const auto& check : report["holdout"]) {
    const double expected = check["expected"], actual = check["actual"];
    EXPECT_NEAR(expected / actual, 1, 0.35) << check;
  }
}

TEST(PopulationFit, HealthComparisonAndValidation_AreOfEachByTheirModel) {
  const auto rules = RulesOf(kPopulations);
  const auto one_for_all = RulesOf("");
  const journal::ModelRecord several = Fit(rules);
  const journal::ModelRecord one = Fit(one_for_all);
  const customers::Population& population = SharedBase().population;
  const auto health = CheckHealth(rules, population, several, kNowUs);
  ASSERT_TRUE(health.ok()) << health.status();
  ASSERT_EQ(health->populations.size(), 5u);
  EXPECT_EQ(health->populations[0].name, "gym");
  double expected = 0;
  for (const PopulationCalibration& part : health->populations) expected += part.expected;
  EXPECT_NEAR(expected, health->expected, 1e-6);
  EXPECT_NEAR(health->populations[0].expected / health->populations[0].actual, 1, 0.3);
  // A model that knows no populations has everybody in the pooled one, and says so.
  const auto pooled = CheckHealth(rules, population, one, kNowUs);
  ASSERT_TRUE(pooled.ok()) << pooled.status();
  EXPECT_THAT(pooled->populations[0].text, StartsWith("pooled: "));
  const auto compared = CompareModels(rules, population, one, several, {kNowUs, 60});
  ASSERT_TRUE(compared.ok()) << compared.status();
  EXPECT_LT(compared->model_check.mean_absolute_error, compared->base_check.mean_absolute_error);
  EXPECT_GT(compared->customers_changing(), 0);
  for (const clv::ModelDocument& models : {clv::ModelDocument(), ModelOf(several).value()}) {
    ValidationRequest request{kNowUs, 60, models};
    const auto validated = ValidatePopulation(rules, population, request);
    ASSERT_TRUE(validated.ok()) << validated.status();
    EXPECT_EQ(validated->facts.model, "several");
    EXPECT_NEAR(validated->figures.purchases.expected / validated->figures.purchases.actual, 1,
                0.25);
  }
}

// The model expects of one population what another buys: the base hardly notices, it does.
TEST(PopulationFit, OnePopulationOff_IsJudgedByItsOwn) {
  const auto rules = RulesOf(kPopulations);
  const journal::ModelRecord record = Fit(rules);
  const auto fresh = CheckHealth(rules, SharedBase().population, record, kNowUs).value();
  EXPECT_EQ(fresh.verdict, HealthVerdict::kStable) << fresh.why;
  EXPECT_EQ(fresh.shifts.size(), 3 + 3 * 4u);  // of everybody; gym, de, at and the rest
  for (const Shift& shift : fresh.shifts) EXPECT_NEAR(shift.index, 0, 1e-12) << shift.population;
  const rules::RefitSettings limits{.when_psi_above = 0.25, .when_calibration_off_by = 0.2};
  EXPECT_FALSE(IsRefitDue(limits, fresh));
  const clv::ModelDocument models = ModelOf(record).value();
  std::vector<clv::Population> populations(models.populations->populations().begin(),
                                           models.populations->populations().end());
  for (clv::Population& population : populations) {
    if (population.name != "rest") continue;
    clv::ValueParameters parameters = population.model->parameters();
    // Buys more often, and hardly ever leaves.
    parameters.purchase[0] *= 10;
    parameters.purchase[1] /= 6;
    parameters.purchase[3] *= 100;
    population.model = *clv::ValueModel::Create(parameters, population.model->options());
  }
  journal::ModelRecord wrong = record;
  wrong.model_json =
      (*clv::PopulationModels::Create("", models.model, std::move(populations)))->ToJson();
  const auto health = CheckHealth(rules, SharedBase().population, wrong, kNowUs).value();
  EXPECT_EQ(health.verdict, HealthVerdict::kRefit);
  EXPECT_THAT(health.why, HasSubstr("clv of rest has moved"));
  EXPECT_TRUE(IsRefitDue(limits, health));
  for (const Shift& shift : health.shifts) {
    EXPECT_EQ(shift.population == "rest" && shift.quantity == "clv",
              !shift.population.empty() && shift.drift() > 0.25)
        << shift.population << " " << shift.quantity;
  }
  ASSERT_EQ(health.populations.size(), 5u);
  EXPECT_TRUE(health.populations[4].significant);
  EXPECT_GT(health.populations[4].off_by, 0.2);
  EXPECT_FALSE(health.populations[1].significant);
  rules::RefitSettings by_calibration;
  by_calibration.when_calibration_off_by = 0.2;
  EXPECT_TRUE(IsRefitDue(by_calibration, health));
}

TEST(PopulationFit, ChangedCondition_IsNoticedAndAsksForAFit) {
  const auto rules = RulesOf(kPopulations);
  const journal::ModelRecord record = Fit(rules);
  EXPECT_THAT(ChangedPopulations(record, *rules), testing::IsEmpty());
  std::string text = kPopulations;
  const std::string condition = "customer.country == \"at\"";
  text.replace(text.find(condition), condition.size(),
               "customer.country == \"at\" || customer.country == \"fr\"");
  const auto changed = RulesOf(text);
  // Those before it are who they were; those after it are not.
  EXPECT_THAT(ChangedPopulations(record, *changed), testing::ElementsAre("at", "moon", "rest"));
  const auto health = CheckHealth(changed, SharedBase().population, record, kNowUs).value();
  EXPECT_EQ(health.verdict, HealthVerdict::kRefit);
  EXPECT_THAT(health.why, HasSubstr("who is in at, moon, rest"));
  EXPECT_FALSE(health.remedy.empty());
  journal::ModelRecord old = record;
  for (const char* report : {"", "{}", "[1]", R"({"populations": [1, {"name": "at"}]})"}) {
    old.report_json = report;
    EXPECT_THAT(ChangedPopulations(old, *changed), testing::IsEmpty()) << report;
  }
}

// Histories know the time between purchases. These come at random, so that k is found to be one,
// which is MBG/NBD.
TEST(PopulationFit, RegularTimingByNameOnRandomTimes_FindsKOfOne) {
  const auto record = FitPopulation(
      RulesOf("  populations: [{name: de, when: customer.country == \"de\", model: mbg_cnbd_k}]\n"),
      SharedBase().population, {kNowUs, 0});
  ASSERT_TRUE(record.ok()) << record.status();
  const auto models = ModelOf(*record);
  ASSERT_TRUE(models.ok()) << models.status();
  const auto populations = models->populations->populations();
  ASSERT_EQ(populations.front().name, "de");
  EXPECT_EQ(populations.front().model->parameters().model, "mbg_nbd");
}

// Values are margins for all or revenue for all.
TEST(PopulationFit, MarginsKnownOfSomeAlone_AreRefusedByName) {
  const auto fit = [](const std::string& value, std::optional<double> margin_of_gym) {
    customers::Population population;
    customers::Change change(&population);
    for (const char* plan : {"gym", "none"}) {
      const uint32_t number = change.FindOrAdd(plan);
      change.Apply(number, Is("plan", plan), kNowUs, {});
      for (const int day : {90, 60, 30}) {
        journal::EventRecord event = Bought(kNowUs - day * kMicrosPerDay, 10);
        const bool is_gym = plan == std::string("gym");
        event.margin_micros.reset();
        if (margin_of_gym.has_value()) {
          event.margin_micros = static_cast<int64_t>((is_gym ? *margin_of_gym : 5) * 1e6);
        }
        change.Apply(number, event, kNowUs, {});
      }
    }
    change.Publish();
    return FitPopulation(RulesOf(value), population, {kNowUs, 0}).status();
  };
  const std::string gym = "  populations: [{name: gym, when: customer.plan == \"gym\"";
  const absl::Status mixed = fit(gym + ", margin_rate: 60 %}]\n", std::nullopt);
  EXPECT_EQ(mixed.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(mixed.message()), HasSubstr("no margin is known of rest, "));
  EXPECT_TRUE(fit(gym + "}]\n", std::nullopt).ok());
  EXPECT_TRUE(fit(gym + ", margin_rate: 60 %}]\n  margin_rate: 30 %\n", std::nullopt).ok());
  const absl::Status loss = fit(gym + "}]\n", -1);
  EXPECT_EQ(loss.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(loss.message()), StartsWith("value.populations, gym: "));
  EXPECT_TRUE(fit(gym + ", margin_rate: 60 %}]\n", -1).ok());
}

TEST(PopulationFit, LostFits_AreThoseThatThereWere) {
  const journal::ModelRecord one = Fit(RulesOf(""));
  const journal::ModelRecord several = Fit(RulesOf(kPopulations));  // nobody is in `moon`
  EXPECT_FALSE(HasLostFit(several, one));
  // All in one, the gym's contracts leave the shop's model no fit.
  EXPECT_TRUE(IsFallback(one));
  EXPECT_TRUE(HasLostFit(one, several));
  EXPECT_FALSE(HasLostFit(several, several));
}

TEST(FitRows, AutoIsNotToldIntervals) {
  const clv::Observation row{.frequency = 3,
                             .recency_days = 60,
                             .age_days = 90,
                             .mean_spend = 5,
                             .kept = 1,
                             .log_intervals = 4};
  rules::ModelSettings settings;
  EXPECT_TRUE(std::isnan(FitRowsOf(settings, {&row, 1})[0].log_intervals));
  settings.model = "mbg_cnbd_k";
  EXPECT_EQ(FitRowsOf(settings, {&row, 1})[0].log_intervals, 4);
}

TEST(ModelName, RulesKnowEveryModelThatThereIs) {
  for (const std::string& name : clv::ModelNames()) {
    EXPECT_TRUE(rules::IsModelName(name)) << name;
    EXPECT_EQ(rules::IsContractModel(name), clv::IsContract(name)) << name;
  }
  for (const char* prefix : {"", "bg_", "mbg_"}) {
    for (int k = 1; k <= 13; ++k) {
      const std::string name = absl::StrCat(prefix, "cnbd_", k);
      EXPECT_EQ(rules::IsModelName(name), clv::FindModelKind(name).ok()) << name;
    }
  }
}

// A fit does not take what the rules say of a category for unknown.
TEST(PopulationFit, MarginsByCategory_ArePooledWithEachPurchases) {
  const auto rules = RulesOf("  margin_rate: 10 %\n  margin_by_category: {hats: 50 %}\n");
  customers::Population population;
  customers::Change change(&population);
  journal::EventRecord hat = Bought(kNowUs - 30 * kMicrosPerDay, 30);
  hat.margin_micros.reset();
  hat.category = "hats";
  journal::EventRecord sock = Bought(kNowUs - 20 * kMicrosPerDay, 10);
  sock.margin_micros.reset();
  const uint32_t number = change.FindOrAdd("c");
  change.Apply(number, hat, kNowUs, {});
  change.Apply(number, sock, kNowUs, {});
  change.Publish();
  const auto record = FitPopulation(rules, population, {kNowUs, 0});
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_NEAR(ModelOf(*record)->model->options().margin_rate, (15 + 1) / 40.0, 1e-12);
}

}  // namespace
}  // namespace tenure::planning
