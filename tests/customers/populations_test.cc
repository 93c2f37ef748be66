// Customers of several populations: each is valued by the model of their own, and moves from one to
// another with their facts or with time.
#include <gtest/gtest.h>

#include <cmath>

#include "absl/strings/str_cat.h"
#include "server/clv/renewals.h"
#include "server/rules/features.h"
#include "tests/customers/world.h"

namespace tenure::customers {
namespace {

std::shared_ptr<const rules::RuleSet> GymRules() {
  RulesText text;
  text.attributes = {{"plan", DType::kString}};
  text.segments = {{"old", "tenure_days > 300.0"}};
  text.populations = {{"gym", "customer.plan == 'gym'"}, {"old", "segment.old"}};
  return MakeRules(text);
}

Valuation GymValuation() {
  return {GymRules(),
          MakeModel(),
          {10, 5, {}, {}, {}},
          MakePopulations({{"gym", MakeContracts()}, {"old", MakeModel(0.1)}})};
}

// A member who has paid on the first of seven months, from 2018-01-01 on.
std::vector<journal::EventRecord> Member() {
  std::vector<journal::EventRecord> events = {AttributeEvent(kStart, "plan", std::string("gym"))};
  for (const int day : {0, 31, 59, 90, 120, 151, 181}) {
    events.push_back(Bought(kStart + day * kDay + kDay / 3, 30'000'000));
  }
  return events;
}

double DoubleOf(const Batch& batch, rules::Feature feature) {
  return batch.column(feature).Double(0);
}

TEST(Populations, EachCustomer_HasTheModelOfTheirOwn) {
  const Valuation valuation = GymValuation();
  Population population;
  const uint32_t member = ApplyAll("member", Member(), valuation, &population);
  auto orders = Member();
  orders.erase(orders.begin());
  const uint32_t shopper = ApplyAll("shopper", orders, valuation, &population);
  const int64_t now_us = kStart + 200 * kDay;
  Batch batch(valuation.rules->schema, 2);
  const std::vector<uint32_t> numbers = {member, shopper};
  population.Gather(numbers, now_us, valuation, &batch, nullptr);
  EXPECT_EQ(ValueOf(batch, "population", 0), "gym");
  EXPECT_EQ(ValueOf(batch, "population", 1), "rest");
  EXPECT_EQ(ValueOf(batch, "p_alive", 0), "1");  // the month is not over
  const Population::Summary summary =
      population.Summarize(now_us, 0, {nullptr, 0, valuation.rules});
  ASSERT_EQ(summary.population_of, (std::vector<uint32_t>{0, 2}));
  for (const auto& [row, model] : {std::pair<size_t, const clv::ValueModel*>{
                                       0, valuation.populations->Find("gym")->model.get()},
                                   {1, valuation.model.get()}}) {
    clv::ValueFeatures expected;
    model->Compute({&summary.observations[row], 1}, {&expected, 1});
    EXPECT_DOUBLE_EQ(batch.column(rules::kClv).Double(row), expected.clv) << row;
    EXPECT_DOUBLE_EQ(batch.column(rules::kMarginNext).Double(row),
                     model->NextOrderOf(summary.observations[row], {30}).margin)
        << row;
    // What is not known of margins is as their population's model has pooled it.
    EXPECT_NEAR(batch.column(rules::kMarginTotal).Double(row),
                7 * 30 * model->options().margin_rate, 1e-9);
  }
}

// Six renewals in 181 days, which are 5.8 periods of 31; none of them comes to the day.
TEST(Populations, ContractByTheCalendar_IsActiveUntilItIsOverdue) {
  const Valuation valuation = GymValuation();
  Population population;
  const uint32_t member = ApplyAll("member", Member(), valuation, &population);
  const auto alive = [&](double day) {
    return ValueOf(
        FeaturesOf(population, member,
                   kStart + static_cast<int64_t>(day * static_cast<double>(kDay)), valuation),
        "p_alive");
  };
  for (double day = 0.5; day < 212; day += 0.5) EXPECT_EQ(alive(day), "1") << day;
  EXPECT_EQ(alive(181 + 31 * 1.06), "0");
}

TEST(Populations, TimeMovesCustomersToAnotherOne) {
  const Valuation valuation = GymValuation();
  Population population;
  const uint32_t shopper =
      ApplyAll("shopper", {Bought(kStart, 50'000'000)}, valuation, &population);
  const Batch young = FeaturesOf(population, shopper, kStart + 299 * kDay, valuation);
  const Batch old = FeaturesOf(population, shopper, kStart + 301 * kDay, valuation);
  EXPECT_EQ(ValueOf(young, "population"), "rest");
  EXPECT_EQ(ValueOf(old, "population"), "old");
  EXPECT_EQ(ValueOf(old, "segment.old"), "true");
  EXPECT_NEAR(DoubleOf(old, rules::kMarginNext) / DoubleOf(young, rules::kMarginNext), 0.1 / 0.25,
              0.01);
}

// A nightly synchronisation says everything again.
TEST(Populations, AttributesSaidAgain_LeaveThePastAsItWas) {
  const Valuation valuation = GymValuation();
  std::vector<journal::EventRecord> events = Member();
  const int64_t split_us = kStart + 100 * kDay, now_us = kStart + 200 * kDay;
  for (const bool again : {false, true}) {
    if (again) events.push_back(AttributeEvent(now_us - kDay, "plan", std::string("gym")));
    Population population;
    ApplyAll("member", events, valuation, &population);
    const Population::Summary early =
        population.Summarize(now_us, split_us, {nullptr, 0, valuation.rules});
    EXPECT_EQ(early.population_of, std::vector<uint32_t>{0}) << again;
  }
}

TEST(Populations, RulesAndModelsInAnyOrder_FallBackToThePooledModel) {
  const Valuation both = GymValuation();
  Population population;
  const uint32_t member = ApplyAll("member", Member(), both, &population);
  const int64_t now_us = kStart + 200 * kDay;
  const auto clv = [&](const Valuation& valuation) {
    return ValueOf(FeaturesOf(population, member, now_us, valuation), "clv");
  };
  const std::string pooled = clv({MakeRules({}), both.model, {}});
  EXPECT_NE(clv(both), pooled);
  // The rules know of none, the model not yet, or not of this one.
  EXPECT_EQ(clv({MakeRules({}), both.model, {}, both.populations}), pooled);
  EXPECT_EQ(clv({both.rules, both.model, {}}), pooled);
  EXPECT_EQ(clv({both.rules, both.model, {}, MakePopulations({{"old", MakeModel(0.1)}})}), pooled);
  EXPECT_EQ(ValueOf(FeaturesOf(population, member, now_us, {MakeRules({}), both.model, {}}),
                    "population"),
            "missing");
  // Margins as values.
  const auto margin = [&](const Valuation& valuation) {
    return ValueOf(FeaturesOf(population, member, now_us, valuation), "margin_total");
  };
  const auto rest = MakePopulations({{"rest", MakeModel(0.1)}});
  EXPECT_EQ(margin({MakeRules({}), both.model, {}, rest}), margin({MakeRules({}), both.model, {}}));
}

TEST(Populations, Margins_ByCategoryThenByTheRulesRate) {
  auto rules = std::make_shared<rules::RuleSet>(*GymRules());
  rules->value.margin_by_category = {{"hats", 0.5}, {"shoes", 0.2}};
  rules->value.populations[0].settings.margin_rate = 0.9;
  const Valuation valuation{rules, MakeModel(), {}};
  Population population;
  std::vector<journal::EventRecord> events = {Bought(kStart, 10'000'000, "hats"),
                                              Bought(kStart + kDay, 100'000'000, "shoes"),
                                              Bought(kStart + 2 * kDay, 20'000'000, "socks")};
  events.push_back(Bought(kStart + 3 * kDay, 40'000'000, "hats"));
  events.back().margin_micros = 1'000'000;
  const int64_t now_us = kStart + 10 * kDay;
  const auto margin = [&](uint32_t number) {
    return DoubleOf(FeaturesOf(population, number, now_us, valuation), rules::kMarginTotal);
  };
  const uint32_t shopper = ApplyAll("a", events, valuation, &population);
  EXPECT_NEAR(margin(shopper), 1 + 5 + 20 + 0.25 * 20, 1e-9);  // the model's rate for socks
  events.insert(events.begin(), AttributeEvent(kStart, "plan", std::string("gym")));
  const uint32_t member = ApplyAll("b", events, valuation, &population);
  EXPECT_NEAR(margin(member), 1 + 5 + 20 + 0.9 * 20, 1e-9);
  // Half of what is of unknown margin comes back, of every category alike.
  events.push_back(Refunded(kStart + 4 * kDay, 65'000'000));
  const uint32_t refunded = ApplyAll("c", events, valuation, &population);
  EXPECT_NEAR(margin(refunded), 1 + (5 + 20 + 0.9 * 20) / 2, 1e-9);
  // The rate of a fit: margins by category are known ones, and those that the rules state.
  const Population::Summary summary = population.Summarize(now_us, 0, {nullptr, 0, rules});
  EXPECT_NEAR(summary.by_population[2].margin, 1 + 5 + 20, 1e-9);
  EXPECT_NEAR(summary.by_population[2].revenue, 150, 1e-9);
  EXPECT_NEAR(summary.by_population[0].margin, 2 * (1 + 5 + 20 + 18), 1e-9);
  EXPECT_NEAR(summary.by_population[0].revenue, 2 * 170, 1e-9);
  EXPECT_NEAR(summary.margin, 26 + 88, 1e-9);
}

TEST(Populations, CompareTiers_OfTheSameModels_ChangesNobody) {
  const Valuation valuation = GymValuation();
  Population population;
  for (int i = 0; i < 50; ++i) {
    auto events = Member();
    events.resize(static_cast<size_t>(1 + i % 8));
    if (i % 3 == 0) events.erase(events.begin());
    ApplyAll(absl::StrCat("c", i), events, valuation, &population);
  }
  const int64_t now_us = kStart + 200 * kDay;
  Valuation with_cuts = valuation;
  with_cuts.cut_points = population.CutPointsAt(now_us, valuation);
  const auto same = population.CompareTiers(now_us, with_cuts, with_cuts);
  const auto other = population.CompareTiers(
      now_us, with_cuts, {valuation.rules, valuation.model, with_cuts.cut_points});
  int64_t customers = 0, changed = 0;
  for (size_t from = 0; from < same.customers.size(); ++from) {
    for (size_t to = 0; to < same.customers.size(); ++to) {
      customers += same.customers[from][to];
      if (from == to) continue;
      EXPECT_EQ(same.customers[from][to], 0);
      changed += other.customers[from][to];
    }
  }
  EXPECT_EQ(customers, 43);  // all but those without a purchase
  EXPECT_GT(changed, 0);
  EXPECT_NE(other.value_after, other.value_before);
}

}  // namespace
}  // namespace tenure::customers
