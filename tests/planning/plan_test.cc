#include "server/planning/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/planning/model_fit.h"
#include "tests/planning/small_shop.h"

namespace tenure::planning {
namespace {

constexpr int64_t kUnit = 1'000'000;

std::string Budget(const std::string& split) {
  return absl::StrCat("  - id: all\n    period: month\n    limit: 20\n    split: ", split,
                      "\n    unplanned: 2\n    segments:\n"
                      "      - {id: silent, when: stage == \"silent\", max: 6}\n"
                      "      - {id: often, when: purchases >= 3, max: 7}\n"
                      "      - {id: others, max: 5}\n");
}

std::map<std::string, journal::PlanNodeRecord> Nodes(const Plan& plan) {
  std::map<std::string, journal::PlanNodeRecord> nodes;
  for (const journal::PlanNodeRecord& node : plan.record.nodes) nodes[node.path] = node;
  return nodes;
}

absl::StatusOr<Plan> MakePlanOf(const SmallShop& shop, int threads = 1) {
  PlanRequest request;
  request.budget = "all";
  request.at_us = kNow;
  request.threads = threads;
  return MakePlan(*shop.world, shop.population, request);
}

TEST(MakePlan, EverySplit_KeepsItsLimits) {
  for (const char* split : {"optimal", "fixed", "proportional_customers", "proportional_clv"}) {
    SCOPED_TRACE(split);
    const auto shop = MakeShop(Budget(split), 2'000, 5);
    const auto plan = MakePlanOf(*shop);
    ASSERT_TRUE(plan.ok()) << plan.status();
    const auto nodes = Nodes(*plan);
    EXPECT_EQ(plan->record.segment_of.size(), shop->population.size());
    int64_t limits = 0;
    for (const char* segment : {"silent", "often", "others", "unplanned"}) {
      limits += nodes.at(absl::StrCat("all/", segment)).limit_micros;
    }
    EXPECT_EQ(limits, 20 * kUnit);
    EXPECT_EQ(nodes.at("all/unplanned").limit_micros, 2 * kUnit);
    for (const auto& [path, node] : nodes) {
      EXPECT_LE(node.planned_spend_micros, node.limit_micros) << path;
      EXPECT_GE(node.price, 0) << path;
    }
    EXPECT_LE(plan->record.achieved, plan->record.upper_bound * (1 + 1e-9));
    EXPECT_FALSE(plan->choices.empty());
    if (std::string(split) == "fixed") {
      EXPECT_EQ(nodes.at("all/often").limit_micros, 7 * kUnit);
    }
  }
}

TEST(MakePlan, Report_HasTheValuesUncertaintyBasisAndModel) {
  const auto shop = MakeShop(Budget("optimal"), 1'500, 5);
  const auto plan = MakePlanOf(*shop);
  ASSERT_TRUE(plan.ok()) << plan.status();
  const auto report = nlohmann::json::parse(plan->record.report_json);
  EXPECT_EQ(report["basis"], shop->world->valuation.model->basis());
  EXPECT_EQ(report["model"], plan->record.model);
  const double value = plan->record.achieved, error = report["value_stderr"];
  EXPECT_GT(error, 0);
  EXPECT_NEAR(report["value_low"], value - 1.96 * error, 1e-3 * error);
  EXPECT_NEAR(report["value_high"], value + 1.96 * error, 1e-3 * error);
  const double shares = double{report["assumed_share"]} + double{report["pooled_share"]} +
                        double{report["measured_share"]};
  EXPECT_NEAR(shares, 1, 1e-9);
  double errors = 0;
  for (const auto& segment : report["segments"]) errors += double{segment["value_stderr"]};
  EXPECT_NEAR(errors, error, 1e-9 * error);
  const auto& customers = report["customer_values"];
  EXPECT_GT(customers["clv"], 0);
  EXPECT_LE(customers["clv_mean_low"], customers["clv"]);
  EXPECT_GE(customers["clv_mean_high"], customers["clv"]);
  EXPECT_LT(customers["clv_predictive_low"], customers["clv"]);
  EXPECT_GT(customers["clv_predictive_high"], customers["clv"]);
}

TEST(MakePlan, OpenPeriod_IsPlannedInsteadOfTheCalendars) {
  const auto shop = MakeShop(Budget("optimal"), 200, 5);
  PlanRequest request;
  request.budget = "all";
  request.at_us = kNow;
  request.period = Window{kNow - 5 * kMicrosPerHour, kNow + 40 * kMicrosPerDay};
  const auto plan = MakePlan(*shop->world, shop->population, request);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->record.start_us, request.period->start_us);
  EXPECT_EQ(plan->record.end_us, request.period->end_us);
}

TEST(MakePlan, OneOrTwoThreads_SameBytes) {
  const auto shop = MakeShop(Budget("optimal"), 3'000, 6);
  const auto one = MakePlanOf(*shop, 1), two = MakePlanOf(*shop, 2);
  ASSERT_TRUE(one.ok()) << one.status();
  ASSERT_TRUE(two.ok()) << two.status();
  EXPECT_EQ(journal::Encode(one->record), journal::Encode(two->record));
}

TEST(Cancelled, NeitherPlansNorFits) {
  const auto shop = MakeShop(Budget("optimal"), 200, 5);
  const std::atomic<bool> cancel{true};
  PlanRequest plan;
  plan.budget = "all";
  plan.at_us = kNow;
  plan.cancel = &cancel;
  EXPECT_EQ(MakePlan(*shop->world, shop->population, plan).status().code(),
            absl::StatusCode::kCancelled);
  FitRequest fit;
  fit.at_us = kNow;
  fit.cancel = &cancel;
  EXPECT_EQ(FitPopulation(shop->world->rules, shop->population, fit).status().code(),
            absl::StatusCode::kCancelled);
}

TEST(MakePlan, MoneyUsedAlready_IsNotPlannedAgain) {
  const auto shop = MakeShop(Budget("optimal"), 2'000, 7);
  PlanRequest request;
  request.budget = "all";
  request.at_us = kNow;
  request.used_micros = {{"all", 9 * kUnit}, {"all/silent", 3 * kUnit}, {"all/often", 6 * kUnit}};
  const auto plan = MakePlan(*shop->world, shop->population, request);
  ASSERT_TRUE(plan.ok()) << plan.status();
  const auto nodes = Nodes(*plan);
  EXPECT_LE(nodes.at("all").planned_spend_micros, 9 * kUnit);
  EXPECT_LE(nodes.at("all/often").planned_spend_micros, 1 * kUnit);
  EXPECT_GE(nodes.at("all/often").limit_micros, 6 * kUnit);
}

// Every unit of the budget that a segment's floor keeps from the others.
std::string Floors(const std::string& silent, const std::string& more = "") {
  return absl::StrCat("  - id: all\n    limit: 20\n", more,
                      "    segments:\n      - {id: silent, when: stage == \"silent\"", silent,
                      "}\n      - {id: others}\n");
}

nlohmann::json Report(const Plan& plan) { return nlohmann::json::parse(plan.record.report_json); }

// Shares by customers: what the silent are assured of, the others' share goes down by.
TEST(MakePlan, MinimumUnderAProportionalSplit_CostsWhatItMovesToo) {
  const std::string split = "    split: proportional_customers\n";
  const auto with = MakeShop(Floors(", min: 19", split), 500, 7);
  const auto without = MakeShop(Floors("", split), 500, 7);
  const auto floored = MakePlanOf(*with), free = MakePlanOf(*without);
  ASSERT_TRUE(floored.ok()) << floored.status();
  ASSERT_TRUE(free.ok()) << free.status();
  const double cost = Report(*floored)["segments"][0]["floor_cost"];
  EXPECT_NE(cost, 0);
  const double bounds = free->record.upper_bound - floored->record.upper_bound;
  EXPECT_NEAR(cost, bounds, 1e-6 * std::abs(bounds));
}

TEST(MakePlan, Floor_CostsWhatItKeepsFromOthers) {
  const auto with = MakeShop(Floors(", min: 19"), 2'000, 7);
  const auto without = MakeShop(Floors(""), 2'000, 7);
  const auto floored = MakePlanOf(*with), free = MakePlanOf(*without);
  ASSERT_TRUE(floored.ok()) << floored.status();
  ASSERT_TRUE(free.ok()) << free.status();
  const double cost = Report(*floored)["segments"][0]["floor_cost"];
  EXPECT_GT(cost, 0);
  EXPECT_NEAR(cost, free->record.achieved - floored->record.achieved, 1e-3 * free->record.achieved);
  EXPECT_FALSE(Report(*floored)["segments"][1].contains("floor_cost"));
}

TEST(MakePlan, Segments_SayWhyTheyGotWhatTheyGot) {
  const auto shop = MakeShop(Floors(""), 4'000, 7);
  const auto plan = MakePlanOf(*shop);
  ASSERT_TRUE(plan.ok()) << plan.status();
  const nlohmann::json report = Report(*plan);
  for (const auto& segment : report["segments"]) {
    const double price = segment["price"];
    ASSERT_GT(price, 0);
    // What is funded earns the price of its money, but for a customer or two at the boundary.
    EXPECT_NEAR(double{segment["marginal_value"]}, price, 0.1 * price);
    ASSERT_TRUE(segment.contains("best_not_funded"));
    EXPECT_THAT(segment["why"].get<std::string>(),
                testing::HasSubstr("a unit at the margin earns"));
  }
}

// One more unit of a segment's price may be what it would earn in another one.
TEST(MakePlan, OneMoreUnit_IsNeverToldAsMoreThanTheBestThatIsNotFunded) {
  for (const uint64_t seed : {3, 7, 11, 20}) {
    for (const char* split : {"optimal", "proportional_clv", "fixed"}) {
      SCOPED_TRACE(absl::StrCat("seed ", seed, ", ", split));
      const auto shop = MakeShop(Budget(split), 60, seed);
      const auto plan = MakePlanOf(*shop);
      ASSERT_TRUE(plan.ok()) << plan.status();
      const nlohmann::json report = Report(*plan);
      for (const auto& segment : report["segments"]) {
        SCOPED_TRACE(segment["why"].get<std::string>());
        EXPECT_LE(double{segment["one_more_unit"]}, double{segment["price"]});
        double best = 0;
        if (segment.contains("best_not_funded")) {
          const auto& next = segment["best_not_funded"];
          const double charge = std::stod(next["charge"].get<std::string>());
          best = charge > 0 ? double{next["value"]} / charge : 0;
        }
        EXPECT_LE(double{segment["one_more_unit"]}, best * (1 + 1e-6));
      }
    }
  }
}

TEST(MakePlan, ProportionalSplit_TellsWhatOneMoreUnitOfTheWholeWouldAdd) {
  const auto shop = MakeShop(Floors("", "    split: proportional_clv\n"), 4'000, 7);
  const auto plan = MakePlanOf(*shop);
  ASSERT_TRUE(plan.ok()) << plan.status();
  const nlohmann::json report = Report(*plan);
  EXPECT_EQ(Nodes(*plan).at("all").price, 0);  // its segments' shares hold it back
  const double a = report["segments"][0]["one_more_unit"],
               b = report["segments"][1]["one_more_unit"];
  EXPECT_GT(std::min(a, b), 0);
  EXPECT_GE(double{report["one_more_unit"]}, 0.999 * std::min(a, b));
  EXPECT_LE(double{report["one_more_unit"]}, 1.001 * std::max(a, b));
}

TEST(MakePlan, ByLastSpend_FollowsThePeriodBefore) {
  const auto shop = MakeShop(Floors("", "    split: proportional_last_spend\n"), 500, 7);
  PlanRequest request;
  request.budget = "all";
  request.at_us = kNow;
  request.last_spend_micros = {
      {"all", 4 * kUnit}, {"all/silent", 1 * kUnit}, {"all/others", 3 * kUnit}};
  const auto plan = MakePlan(*shop->world, shop->population, request);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(Nodes(*plan).at("all/silent").limit_micros, 5 * kUnit);
  EXPECT_EQ(Nodes(*plan).at("all/others").limit_micros, 15 * kUnit);
  request.last_spend_micros.clear();
  const auto first = MakePlan(*shop->world, shop->population, request);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_THAT(first->record.report_json, testing::HasSubstr("nothing was spent in the period"));
}

TEST(MakePlan, AnotherLimit_IsTheWholesAndItsPartsSumToIt) {
  const auto shop = MakeShop(Floors(""), 2'000, 7);
  PlanRequest request;
  request.budget = "all";
  request.at_us = kNow;
  request.limit_micros = 3 * kUnit;
  const auto plan = MakePlan(*shop->world, shop->population, request);
  ASSERT_TRUE(plan.ok()) << plan.status();
  const auto nodes = Nodes(*plan);
  EXPECT_EQ(nodes.at("all").limit_micros, 3 * kUnit);
  EXPECT_EQ(nodes.at("all/silent").limit_micros + nodes.at("all/others").limit_micros, 3 * kUnit);
  EXPECT_LT(plan->record.achieved, MakePlanOf(*shop)->record.achieved);
}

TEST(MakePlan, Exploration_HasAnEnvelopeOfItsOwn) {
  const auto shop = MakeShop(Floors("", "    exploration: {limit: 4, share: 2 %}\n"), 2'000, 7);
  const auto plan = MakePlanOf(*shop);
  ASSERT_TRUE(plan.ok()) << plan.status();
  const auto nodes = Nodes(*plan);
  EXPECT_EQ(nodes.at("all/exploration").limit_micros, 4 * kUnit);
  EXPECT_EQ(nodes.at("all/silent").limit_micros + nodes.at("all/others").limit_micros, 16 * kUnit);
}

TEST(MakePlan, MeasuredArrivals_ScaleWhatIsPlanned) {
  const auto shop = MakeShop(Floors(""), 2'000, 7);
  PlanRequest request;
  request.budget = "all";
  request.at_us = kNow;
  request.limit_micros = 1'000'000 * kUnit;
  const auto once = MakePlan(*shop->world, shop->population, request);
  request.arrivals = {28, {{"active", 300}}};  // nobody asks for the silent
  const auto measured = MakePlan(*shop->world, shop->population, request);
  ASSERT_TRUE(once.ok() && measured.ok());
  EXPECT_EQ(Report(*measured)["arrivals"], "measured");
  const auto nodes = Nodes(*measured);
  EXPECT_EQ(nodes.at("all/silent").planned_spend_micros, 0);
  EXPECT_GT(nodes.at("all/others").planned_spend_micros, 0);
  EXPECT_LT(nodes.at("all").planned_spend_micros, Nodes(*once).at("all").planned_spend_micros);
}

TEST(MakePlan, UnknownBudget_NamesThoseThereAre) {
  const auto shop = MakeShop(Budget("optimal"), 50, 8);
  PlanRequest request;
  request.budget = "lifecycle";
  request.at_us = kNow;
  const auto plan = MakePlan(*shop->world, shop->population, request);
  EXPECT_EQ(plan.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(plan.status().message()), testing::HasSubstr("all"));
}

TEST(MakePlan, NoModel_SaysHowToFitOne) {
  const auto shop = MakeShop(Budget("optimal"), 50, 9);
  decision::World world = *shop->world;
  world.valuation.model = nullptr;
  PlanRequest request;
  request.budget = "all";
  request.at_us = kNow;
  const auto plan = MakePlan(world, shop->population, request);
  EXPECT_EQ(plan.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(plan.status().message()), testing::HasSubstr("tenure models fit"));
}

}  // namespace
}  // namespace tenure::planning
