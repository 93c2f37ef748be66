#include "server/clv/shop_simulator.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "server/clv/purchase_fit.h"

namespace tenure::clv {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

Scenario Plain(const std::string& model, uint64_t seed) {
  Scenario scenario;
  scenario.model = model;
  scenario.parameters = FindModelKind(model)->parameters.size() == 2
                            ? std::vector<double>{0.9, 6}
                            : std::vector<double>{0.9, 6, 0.7, 4};
  scenario.length = 104;
  scenario.joining = 52;
  scenario.seed = seed;
  return scenario;
}

ShopSimulator Make(const Scenario& scenario) {
  auto shop = ShopSimulator::Create(scenario);
  EXPECT_TRUE(shop.ok()) << shop.status();
  return *std::move(shop);
}

CampaignEffect Effect(double uplift, std::vector<int> days = {400}) {
  CampaignEffect effect;
  effect.days = std::move(days);
  effect.uplift = uplift;
  effect.window_days = 28;
  return effect;
}

PurchaseRow RowOf(const ShopCustomer& customer, double length) {
  PurchaseRow row = {static_cast<double>(customer.times.size() - 1), customer.times.back(),
                     length - customer.joined};
  row.log_intervals = 0;
  for (size_t k = 1; k < customer.times.size(); ++k) {
    row.log_intervals += std::log(customer.times[k] - customer.times[k - 1]);
  }
  return row;
}

// What distinguishes the ways of drawing: a season that is none still goes through them.
TEST(ShopSimulator, AnyModel_GivesItsParametersBack) {
  for (const std::string& name : ModelNames()) {
    const ModelKind kind = *FindModelKind(name);
    if (kind.is_discrete) continue;
    for (const bool through_operational_time : {false, true}) {
      Scenario scenario = Plain(name, 31);
      if (through_operational_time) {
        ASSERT_TRUE(scenario.season.AddSine(0, 1).ok());
      }
      const ShopSimulator shop = Make(scenario);
      std::vector<PurchaseRow> rows;
      ShopCustomer customer;
      for (uint64_t i = 0; i < 6000; ++i) {
        shop.Draw(i, &customer);
        rows.push_back(RowOf(customer, scenario.length));
      }
      const ModelFit fit = FitPurchaseModel(kind, *Summary::Create(rows));
      ASSERT_EQ(fit.verdict, Verdict::kConverged) << name << " " << fit.VerdictText();
      for (size_t i = 0; i < fit.parameters.size(); ++i) {
        EXPECT_NEAR(fit.parameters[i], scenario.parameters[i], 3.5 * fit.standard_errors[i])
            << name << " " << fit.parameter_names[i] << ", seed " << scenario.seed;
      }
    }
  }
}

TEST(ShopSimulator, Covariates_AreFoundWithinTheirErrors) {
  Scenario scenario = Plain("mbg_nbd", 32);
  using Distribution = CovariateColumn::Distribution;
  scenario.covariates.columns = {{"channel", Distribution::kBernoulli, 0.4, 0},
                                 {"age", Distribution::kWhole, 20, 60}};
  scenario.covariates.coefficients = {{"alpha:channel", 0.5}, {"a:age", 0.02}};
  const ShopSimulator shop = Make(scenario);
  std::vector<PurchaseRow> rows;
  std::vector<double> z;
  ShopCustomer customer;
  for (uint64_t i = 0; i < 8000; ++i) {
    shop.Draw(i, &customer);
    rows.push_back(RowOf(customer, scenario.length));
    z.insert(z.end(), customer.covariates.begin(), customer.covariates.end());
  }
  const ModelKind kind = *FindModelKind("mbg_nbd");
  const CovariatePlan plan = CovariatePlan::Both({"channel", "age"});
  const auto fit = FitWithCovariates(kind, plan, rows, z);
  ASSERT_TRUE(fit.ok()) << fit.status();
  const std::vector<std::string> names = plan.CoefficientNames(kind);
  for (size_t i = 0; i < names.size(); ++i) {
    const size_t at = kind.parameters.size() + i;
    const double truth = names[i] == "alpha:channel" ? 0.5 : names[i] == "a:age" ? 0.02 : 0;
    EXPECT_NEAR(fit->parameters[at], truth, 3.5 * fit->standard_errors[at]) << names[i];
  }
}

TEST(ShopSimulator, Season_ComesBackByMonth) {
  for (const std::string& name : ModelNames()) {
    if (FindModelKind(name)->is_discrete) continue;
    Scenario scenario = Plain(name, 33);
    scenario.joining = 1e-9;  // all there from the start
    scenario.start_day = absl::CivilDay(2019, 1, 1) - absl::CivilDay(1970, 1, 1);
    ASSERT_TRUE(scenario.season.AddSine(0.6, 182).ok());
    Scenario flat = scenario;
    flat.season = Season();
    std::array<std::array<double, 12>, 2> counts{};
    for (size_t seasonal = 0; seasonal < 2; ++seasonal) {
      const ShopSimulator shop = Make(seasonal == 1 ? scenario : flat);
      ShopCustomer customer;
      for (uint64_t i = 0; i < 20000; ++i) {
        shop.Draw(i, &customer);
        for (size_t k = 1; k < customer.times.size(); ++k) {
          const auto date = absl::CivilDay(2019, 1, 1) + shop.DayOf(customer, customer.times[k]);
          if (date.year() == 2019) ++counts[seasonal][static_cast<size_t>(date.month() - 1)];
        }
      }
    }
    // Without dropout the ratio is the season's; dropout after purchases runs by the same clock,
    // so that there the survivors of early months differ a little.
    const bool exact =
        BuyingHabit::DepartureOf(*FindModelKind(name)) != BuyingHabit::Departure::kAtPurchase;
    for (int month = 0; month < 12; ++month) {
      const auto at = static_cast<size_t>(month);
      double mean = 0;
      const absl::CivilMonth begin(2019, month + 1);
      for (absl::CivilDay day(begin); day < absl::CivilDay(begin + 1); ++day) {
        mean += scenario.season.On(day - absl::CivilDay(1970, 1, 1));
      }
      mean /= static_cast<double>(absl::CivilDay(begin + 1) - absl::CivilDay(begin));
      const double ratio = counts[1][at] / counts[0][at];
      // Purchases cluster by customer: about twice a Poisson count's error.
      const double error = 2 * ratio * std::sqrt(1 / counts[0][at] + 1 / counts[1][at]);
      EXPECT_NEAR(ratio, mean, 3.5 * error + (exact ? 0 : 0.15)) << name << " month " << month + 1;
    }
  }
}

// Means by arm of what happens in the window after the first contact.
struct Contrast {
  double buys[2] = {0, 0}, orders[2] = {0, 0}, squares[2] = {0, 0}, after[2] = {0, 0},
         after_squares[2] = {0, 0}, alive[2] = {0, 0}, people[2] = {0, 0};

  double Mean(const double* sums, int arm) const { return sums[arm] / people[arm]; }
  double Error(const double* sums, const double* squares_of) const {
    double variance = 0;
    for (int arm : {0, 1}) {
      const double mean = Mean(sums, arm);
      variance += (squares_of[arm] / people[arm] - mean * mean) / people[arm];
    }
    return std::sqrt(variance);
  }
};

Contrast Measure(const ShopSimulator& shop, uint64_t customers) {
  const CampaignEffect& effect = shop.scenario().campaigns[0];
  const int day = effect.days[0];
  Contrast contrast;
  ShopCustomer customer;
  for (uint64_t i = 0; i < customers; ++i) {
    shop.Draw(i, &customer);
    if (customer.contacts.empty()) continue;
    const int arm = customer.contacts[0].treated ? 1 : 0;
    double within = 0, after = 0;
    for (const double time : customer.times) {
      const int64_t at = shop.DayOf(customer, time) - day;
      within += at >= 0 && at < effect.window_days;
      after += at >= effect.window_days && at < 2 * effect.window_days;
    }
    contrast.people[arm] += 1;
    contrast.orders[arm] += within;
    contrast.squares[arm] += within * within;
    contrast.after[arm] += after;
    contrast.after_squares[arm] += after * after;
    contrast.buys[arm] += within > 0;
    contrast.alive[arm] += customer.death == kNever;
  }
  return contrast;
}

TEST(ShopSimulator, TreatedAgainstHoldout_DifferByTheStatedUplift) {
  for (const double uplift : {0.5, -0.4}) {
    Scenario scenario = Plain("nbd", 34);
    scenario.campaigns = {Effect(uplift)};
    scenario.campaigns[0].holdout = 0.5;
    scenario.campaigns[0].share = 0.8;
    scenario.campaigns[0].pull_forward = uplift > 0 ? 0.4 : 0;
    const Contrast seen = Measure(Make(scenario), 40'000);
    EXPECT_NEAR(seen.people[0] + seen.people[1], 0.8 * 40'000, 600);
    const double rate = 0.9 / 6 * 4;  // a window's orders
    EXPECT_NEAR(seen.Mean(seen.orders, 1) - seen.Mean(seen.orders, 0), uplift * rate,
                3.5 * seen.Error(seen.orders, seen.squares));
    EXPECT_NEAR(seen.Mean(seen.after, 1) - seen.Mean(seen.after, 0),
                -scenario.campaigns[0].pull_forward * uplift * rate,
                3.5 * seen.Error(seen.after, seen.after_squares));
  }
}

TEST(ShopSimulator, Retention_KeepsCustomersForGood) {
  for (const std::string& name : ModelNames()) {
    const ModelKind kind = *FindModelKind(name);
    if (kind.is_discrete || BuyingHabit::DepartureOf(kind) == BuyingHabit::Departure::kNever) {
      continue;
    }
    Scenario scenario = Plain(name, 35);
    scenario.campaigns = {Effect(0, {})};
    for (int day = 1; day < 728; day += 28) scenario.campaigns[0].days.push_back(day);
    scenario.campaigns[0].holdout = 0.5;
    scenario.campaigns[0].retention = 1;  // all windows: who is contacted never leaves again
    const ShopSimulator shop = Make(scenario);
    ShopCustomer customer;
    double stays = 0, held_out = 0;
    for (uint64_t i = 0; i < 4000; ++i) {
      shop.Draw(i, &customer);
      if (customer.responses[0].held_out) {
        held_out += 1;
        stays += customer.death == kNever;
      } else if (customer.death != kNever) {
        EXPECT_LE(customer.death * 7, 28) << name << " " << i;  // before the first contact
      }
    }
    EXPECT_LT(stays, 0.8 * held_out) << name;
  }
}

// p0 and tau at the end are what a contact on the last day would do: seen in a longer record.
TEST(ShopSimulator, TruthAtTheEnd_IsWhatHappensNext) {
  for (const char* base : {"nbd", "mbg_nbd", "pareto_nbd", "mbg_cnbd_3"}) {
    Scenario scenario = Plain(base, 36);
    ASSERT_TRUE(scenario.season.AddSine(0.5, 20).ok());
    scenario.campaigns = {Effect(0.6, {700})};
    scenario.campaigns[0].holdout = 1;  // nothing before the end
    const ShopSimulator now = Make(scenario);
    scenario.length = 108;
    const ShopSimulator later = Make(scenario);
    scenario.campaigns[0].holdout = 0;
    scenario.campaigns[0].days = {728};
    const ShopSimulator contacted = Make(scenario);
    double p0 = 0, tau = 0, bought[2] = {0, 0}, alive = 0;
    ShopCustomer customer;
    for (uint64_t i = 0; i < 20'000; ++i) {
      now.Draw(i, &customer);
      p0 += customer.responses[0].chances.p0;
      tau += customer.responses[0].chances.tau;
      if (customer.death != kNever) continue;
      ++alive;
      for (const ShopSimulator* shop : {&later, &contacted}) {
        shop->Draw(i, &customer);
        bool buys = false;
        for (const double time : customer.times) buys |= shop->DayOf(customer, time) >= 728;
        bought[shop == &contacted] += buys;
      }
    }
    EXPECT_NEAR(p0, bought[0], 3.5 * std::sqrt(alive) / 2) << base;
    EXPECT_NEAR(tau, bought[1] - bought[0], 3.5 * std::sqrt(alive) / 2) << base;
    EXPECT_GT(tau, 0.05 * alive) << base;
  }
}

TEST(ShopSimulator, Segments_TakeTheirSharesAndRankByTheRate) {
  Scenario scenario = Plain("mbg_nbd", 37);
  scenario.campaigns = {Effect(0.1)};
  scenario.campaigns[0].segments = {{{0.2, 0.8}, {0.3, 0}, {0.25, 0}, {0.1, -0.3}}};
  const ShopSimulator shop = Make(scenario);
  std::array<double, kNamedSegments + 1> people{}, rates{};
  ShopCustomer customer;
  for (uint64_t i = 0; i < 20'000; ++i) {
    shop.Draw(i, &customer);
    const auto segment = static_cast<size_t>(customer.responses[0].segment);
    people[segment] += 1;
    rates[segment] += customer.rate;
    const ResponseChances& chances = customer.responses[0].chances;
    const double uplift = scenario.campaigns[0].UpliftOf(customer.responses[0].segment);
    if (chances.p0 > 0) {
      EXPECT_EQ(std::signbit(chances.tau), std::signbit(uplift)) << i;
    }
  }
  const double shares[] = {0.2, 0.3, 0.25, 0.1, 0.15};
  for (size_t s = 0; s < people.size(); ++s) {
    EXPECT_NEAR(people[s] / 20'000, shares[s], 0.012) << s;
    rates[s] /= people[s];
  }
  EXPECT_LT(rates[2] * 5, rates[0]);
  EXPECT_GT(rates[1], rates[0] * 2);
}

TEST(ShopSimulator, Customer_IsTheSameHoweverLongTheyAreLookedAt) {
  Scenario scenario = Plain("mbg_nbd", 38);
  scenario.campaigns = {Effect(0.5, {100, 300})};
  const ShopSimulator shop = Make(scenario);
  ShopCustomer first, again;
  for (uint64_t i = 50; i > 0; --i) {
    shop.Draw(i, &first);
    const std::vector<double> times = first.times;
    shop.Draw(i / 2, &again);
    shop.Draw(i, &again);
    EXPECT_EQ(again.times, times);
    EXPECT_EQ(again.contacts.size(), first.contacts.size());
  }
}

TEST(ShopSimulator, WhatCannotBe_IsRefusedByName) {
  const auto refusal = [](const auto& change) {
    Scenario scenario = Plain("mbg_nbd", 1);
    change(&scenario);
    const auto shop = ShopSimulator::Create(scenario);
    return shop.ok() ? std::string() : std::string(shop.status().message());
  };
  EXPECT_NE(refusal([](Scenario* s) {
              s->parameters = {1, 1e-9, 1, 1};
            }).find("unit of time"),
            std::string::npos);
  EXPECT_NE(refusal([](Scenario* s) { s->campaigns = {Effect(1, {728})}; }).find("record"),
            std::string::npos);
  EXPECT_NE(refusal([](Scenario* s) {
              s->campaigns = {Effect(1), Effect(1)};
            }).find("named"),
            std::string::npos);
  EXPECT_NE(refusal([](Scenario* s) {
              s->covariates.coefficients = {{"alpha:age", 1}};
            }).find("no column"),
            std::string::npos);
  EXPECT_NE(refusal([](Scenario* s) {
              s->covariates.columns = {{"age", CovariateColumn::Distribution::kUniform, 20, 60}};
              s->covariates.coefficients = {{"alpha:age", 1}};
            }).find("factor of e^60"),
            std::string::npos);
  for (const GammaGamma& spend : {GammaGamma{0, 4, 15}, GammaGamma{6, NAN, 15}}) {
    EXPECT_NE(refusal([&](Scenario* s) { s->spend = spend; }).find("spend: p, q and v"),
              std::string::npos);
  }
  EXPECT_NE(refusal([](Scenario* s) {
              s->spend = {6, 4, 1e300};
            }).find("spend: orders are about"),
            std::string::npos);
  for (const int64_t day : {2'932'800, -719'163}) {
    EXPECT_NE(refusal([&](Scenario* s) { s->start_day = day; }).find("start_day"),
              std::string::npos);
  }
}

}  // namespace
}  // namespace tenure::clv
