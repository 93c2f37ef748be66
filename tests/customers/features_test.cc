#include "server/rules/features.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/base/money.h"
#include "server/customers/fold.h"
#include "tests/customers/world.h"

namespace tenure::customers {
namespace {

using journal::EventRecord;
using journal::EventType;

std::string Number(double value) { return absl::StrFormat("%.9g", value == 0 ? 0.0 : value); }

// The plain facts from all events, by going through them for each.
std::map<std::string, std::string> Naive(std::vector<EventRecord> events, int64_t at_us,
                                         double margin_rate) {
  std::sort(events.begin(), events.end(),
            [](const auto& a, const auto& b) { return a.happened_us < b.happened_us; });
  int64_t purchases = 0, d30 = 0, d90 = 0, d365 = 0, refunds = 0, engagements = 0;
  double revenue = 0, margin = 0, gross = 0, revenue_365d = 0;
  std::string category = "missing", known = "missing", first = "missing", last = "missing";
  // Engagements that lie 90 days before the latest are forgotten, whenever one asks.
  int32_t latest = 0;
  for (const EventRecord& e : events) {
    if (e.type == EventType::kEngagement) latest = std::max(latest, DayOf(e.happened_us));
  }
  for (const EventRecord& e : events) {
    // Engagements are kept by day: one of later today counts already.
    if (e.type == EventType::kEngagement) {
      const int32_t day = DayOf(e.happened_us);
      engagements +=
          day > DayOf(at_us) - 30 && day <= DayOf(at_us) && day >= latest - kEngagementDaysKept;
    }
    const int64_t ago = at_us - e.happened_us;
    if (ago < 0) continue;
    const double days = static_cast<double>(ago) / static_cast<double>(kDay);
    if (known == "missing") known = Number(days);
    const double units = UnitsFromMicros(e.amount_micros);
    const double margin_units =
        e.margin_micros.has_value() ? UnitsFromMicros(*e.margin_micros) : margin_rate * units;
    if (e.type == EventType::kPurchase) {
      ++purchases;
      d30 += ago < 30 * kDay;
      d90 += ago < 90 * kDay;
      d365 += ago < 365 * kDay;
      revenue_365d += ago < 365 * kDay ? units : 0;
      gross += units;
      revenue += units;
      margin += margin_units;
      category = e.category.empty() ? "missing" : e.category;
      if (first == "missing") first = Number(days);
      last = Number(days);
    } else if (e.type == EventType::kRefund) {
      ++refunds;
      revenue -= units;
      margin -= margin_units;
    }
  }
  const auto bought = [&](double value) { return purchases == 0 ? "missing" : Number(value); };
  return {{"now", absl::StrCat(at_us)},
          {"purchases", absl::StrCat(purchases)},
          {"days_since_last_purchase", last},
          {"tenure_days", first},
          {"~spend_mean", bought(gross / static_cast<double>(purchases))},
          {"purchases_30d", absl::StrCat(d30)},
          {"purchases_90d", absl::StrCat(d90)},
          {"purchases_365d", absl::StrCat(d365)},
          {"refunds", absl::StrCat(refunds)},
          {"engagements_30d", absl::StrCat(engagements)},
          {"last_category", category},
          {"days_known", known},
          {"~revenue_total", Number(revenue)},
          {"~margin_total", Number(margin)},
          {"~revenue_365d", Number(revenue_365d)}};
}

TEST(Features, RandomEvents_AgreeWithNaiveRecomputation) {
  const Valuation valuation{nullptr, MakeModel(0.25), {}};
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Random random(seed);
    const std::vector<EventRecord> events = RandomEvents(random.Below(50), &random);
    Population population;
    const uint32_t number = ApplyAll("c", events, valuation, &population);
    const int64_t at_us = kStart + static_cast<int64_t>(random.Below(900)) * kDay;
    const Batch batch = FeaturesOf(population, number, at_us, valuation);
    for (const auto& [name, value] : Naive(events, at_us, 0.25)) {
      if (name[0] != '~') {
        EXPECT_EQ(ValueOf(batch, name), value) << name;
      } else {  // sums of doubles, in another order
        const std::string got = ValueOf(batch, name.substr(1));
        if (got == "missing" || value == "missing") {
          EXPECT_EQ(got, value) << name;
        } else {
          EXPECT_NEAR(std::stod(got), std::stod(value), 1e-4) << name;
        }
      }
    }
  }
}

TEST(Features, Prospect_HasFactsButNoValue) {
  Population population;
  const Valuation valuation{
      nullptr, MakeModel(), {1, 0.5, {1, 2, 3, 4}, {1, 2, 3, 4}, {1, 2, 3, 4}}};
  ApplyOne("c", Engagement(kStart), valuation, &population);
  const Batch batch = FeaturesOf(population, 1, kStart + kDay, valuation);
  EXPECT_EQ(ValueOf(batch, "purchases"), "0");
  EXPECT_EQ(ValueOf(batch, "revenue_total"), "0");
  EXPECT_EQ(ValueOf(batch, "margin_total"), "0");
  EXPECT_EQ(ValueOf(batch, "days_known"), "1");
  EXPECT_NE(ValueOf(batch, "margin_next"), "missing");
  EXPECT_NE(ValueOf(batch, "spend_next"), "missing");
  for (const char* name : {"days_since_last_purchase", "tenure_days", "spend_mean", "p_alive",
                           "clv", "tier", "rfm_recency", "rfm_frequency", "rfm_monetary", "stage",
                           "last_category", "days_since_last_contact"}) {
    EXPECT_EQ(ValueOf(batch, name), "missing") << name;
  }
}

TEST(Features, WithoutModel_ValueIsMissing) {
  Population population;
  ApplyOne("c", Bought(kStart, 10'000'000), {}, &population);
  const Batch batch = FeaturesOf(population, 1, kStart + kDay, {});
  EXPECT_EQ(ValueOf(batch, "spend_mean"), "10");
  EXPECT_EQ(ValueOf(batch, "margin_total"), "missing");  // known of nothing, and no rate
  EXPECT_EQ(ValueOf(batch, "p_alive"), "missing");
  EXPECT_EQ(ValueOf(batch, "tier"), "missing");
  EXPECT_EQ(ValueOf(batch, "rfm_recency"), "missing");
}

TEST(Features, Value_IsTheModelsOfTheObservation) {
  Population population;
  const Valuation valuation{
      nullptr, MakeModel(), {1, 0.5, {1, 2, 3, 4}, {1, 2, 3, 4}, {1, 2, 30, 40}}};
  for (const int day : {0, 20, 50}) {
    ApplyOne("c", Bought(kStart + day * kDay, 20'000'000), valuation, &population);
  }
  const Batch batch = FeaturesOf(population, 1, kStart + 90 * kDay, valuation);
  const clv::Observation observation{2, 50, 90, 20};
  clv::ValueFeatures value;
  valuation.model->Compute(absl::MakeConstSpan(&observation, 1), absl::MakeSpan(&value, 1));
  EXPECT_EQ(ValueOf(batch, "p_alive"), Number(value.p_alive));
  EXPECT_EQ(ValueOf(batch, "clv"), Number(value.clv));
  EXPECT_EQ(ValueOf(batch, "rhythm_limit_days"), Number(value.rhythm_limit_days));
  EXPECT_EQ(ValueOf(batch, "clv_predictive_high"), Number(value.clv_predictive_high));
  EXPECT_EQ(ValueOf(batch, "tier"), value.clv >= 1 ? "high" : "low");
  EXPECT_EQ(ValueOf(batch, "rfm_recency"), "1");
  EXPECT_EQ(ValueOf(batch, "rfm_frequency"), "3");
  EXPECT_EQ(ValueOf(batch, "rfm_monetary"), "3");
}

// Every feature that a model fills, of three models, at its purchases and long after them.
TEST(Features, EveryValueFeature_IsTheModelsOfTheObservation) {
  using F = clv::ValueFeatures;
  constexpr std::pair<const char*, double F::*> kOfTheModel[] = {
      {"p_alive", &F::p_alive},
      {"clv", &F::clv},
      {"clv_mean_low", &F::clv_mean_low},
      {"clv_mean_high", &F::clv_mean_high},
      {"clv_predictive_low", &F::clv_predictive_low},
      {"clv_predictive_high", &F::clv_predictive_high},
      {"v_alive", &F::v_alive},
      {"v_revived", &F::v_revived},
      {"p_purchase_w", &F::p_purchase_w},
      {"at_risk_w", &F::at_risk_w},
      {"margin_next", &F::margin_next},
      {"spend_next", &F::spend_next},
      {"expected_purchases", &F::expected_purchases},
      {"rhythm_limit_days", &F::rhythm_limit_days}};
  static_assert(std::size(kOfTheModel) == rules::kRhythmLimitDays - rules::kPAlive + 1);
  for (const char* name : {"bg_nbd", "mbg_nbd", "pareto_nbd"}) {
    clv::ValueParameters parameters = MakeModel()->parameters();
    parameters.model = name;
    if (parameters.model == "pareto_nbd") parameters.purchase = {0.553, 10.58, 0.606, 11.66};
    parameters.purchase_log_cov.assign(16, 0);
    for (size_t i = 0; i < 4; ++i) parameters.purchase_log_cov[i * 5] = 0.01;
    clv::ValueOptions options;
    options.margin_rate = 0.4;
    const Valuation valuation{nullptr, *clv::ValueModel::Create(parameters, options), {}};
    for (const size_t bought : {size_t{1}, size_t{3}}) {
      Population population;
      constexpr int kDays[] = {0, 20, 50};
      for (size_t i = 0; i < bought; ++i) {
        ApplyOne("c", Bought(kStart + kDays[i] * kDay, 20'000'000), valuation, &population);
      }
      for (const int day : {50, 51, 90, 400, 4'000}) {
        SCOPED_TRACE(absl::StrCat(name, ", ", bought, " purchases, day ", day));
        const Batch batch = FeaturesOf(population, 1, kStart + day * kDay, valuation);
        const clv::Observation observation =
            bought == 1 ? clv::Observation{0, 0, static_cast<double>(day), NAN}
                        : clv::Observation{2, 50, static_cast<double>(day), 20};
        clv::ValueFeatures value;
        valuation.model->Compute(absl::MakeConstSpan(&observation, 1), absl::MakeSpan(&value, 1));
        const clv::NextOrder next = valuation.model->NextOrderOf(observation, {20});
        value.spend_next = next.spend;
        value.margin_next = next.margin;
        for (const auto& [feature, member] : kOfTheModel) {
          EXPECT_EQ(ValueOf(batch, feature), Number(value.*member)) << feature;
        }
      }
    }
  }
}

// Sold 100 with a margin of 40; 30 came back with 12 of it, 20 more later.
TEST(Features, Refunds_ReachMarginRateAndValue) {
  Population population;
  clv::ValueOptions options = MakeModel(1)->options();
  options.kept_share = 0.7;
  const Valuation valuation{
      nullptr, *clv::ValueModel::Create(MakeModel(1)->parameters(), options), {}};
  std::vector<EventRecord> events = {
      Bought(kStart, 50'000'000), Bought(kStart + 20 * kDay, 50'000'000),
      Refunded(kStart + 30 * kDay, 30'000'000), Refunded(kStart + 95 * kDay, 20'000'000)};
  for (const size_t bought : {0, 1}) events[bought].margin_micros = 20'000'000;
  events[2].margin_micros = 12'000'000;
  ApplyAll("c", events, valuation, &population);
  const auto before = population.Summarize(kStart + 90 * kDay);
  EXPECT_EQ(before.observations[0].kept, 0.7);
  EXPECT_EQ(before.observations[0].mean_spend, 50);  // as sold
  EXPECT_EQ(before.sold, 100);
  EXPECT_EQ(before.refunded, 30);
  EXPECT_EQ(before.revenue, 70);
  EXPECT_EQ(before.margin, 28);
  const auto after = population.Summarize(kStart + 100 * kDay);
  EXPECT_EQ(after.observations[0].kept, 0.5);
  EXPECT_EQ(after.revenue, 70);  // of the second refund no margin is known
  EXPECT_EQ(after.refunded, 50);
  EXPECT_EQ(population.Summarize(kStart + 100 * kDay, kStart + 25 * kDay).observations[0].kept, 1);
  clv::ValueFeatures value;
  const clv::Observation observation{1, 20, 90, 50, 0.7};
  valuation.model->Compute(absl::MakeConstSpan(&observation, 1), absl::MakeSpan(&value, 1));
  const Batch batch = FeaturesOf(population, 1, kStart + 90 * kDay, valuation);
  EXPECT_EQ(ValueOf(batch, "clv"), Number(value.clv));
  const clv::NextOrder next = valuation.model->NextOrderOf(observation, {50, 100, 40});
  EXPECT_EQ(ValueOf(batch, "margin_next"), Number(next.margin));
}

// The welcome and the second purchase are decided by it: one order is known, and counts.
TEST(Features, NextOrderOfAOneTimeBuyer_IsByTheFirst) {
  const Valuation valuation{nullptr, MakeModel(0.4), {}};
  double before = 0;
  for (const int64_t first : {10, 40, 160}) {
    Population population;
    ApplyOne("c", Bought(kStart, first * 1'000'000), valuation, &population);
    const Batch batch = FeaturesOf(population, 1, kStart + 30 * kDay, valuation);
    const double spend = std::stod(ValueOf(batch, "spend_next"));
    EXPECT_GT(spend, before) << first;
    EXPECT_NEAR(std::stod(ValueOf(batch, "margin_next")), 0.4 * spend, 1e-3);
    before = spend;
  }
  EXPECT_GT(before, 60);
}

// The rate is of the category bought last, and moves to the customer's own as margins are known.
TEST(Features, MarginOfTheNextOrder_IsShrunkToTheCategorys) {
  rules::RuleSet rules = *MakeRules({});
  rules.value.margin_by_category = {{"toys", 0.6}, {"books", 0.2}};
  const Valuation valuation{std::make_shared<const rules::RuleSet>(rules), MakeModel(0.4), {}};
  const auto rate_of = [&](const std::vector<EventRecord>& events) {
    Population population;
    ApplyAll("c", events, valuation, &population);
    const Batch batch = FeaturesOf(population, 1, kStart + 300 * kDay, valuation);
    return std::stod(ValueOf(batch, "margin_next")) / std::stod(ValueOf(batch, "spend_next"));
  };
  EXPECT_NEAR(rate_of({Bought(kStart, 30'000'000, "garden")}), 0.4, 1e-5);  // the model's
  const double pooled = 2 * MakeModel(0.4)->NextOrderOf({0, 0, NAN, NAN}, {}).spend;
  // One order of 30 at 0.6 beside the pooled weight at the same rate.
  EXPECT_NEAR(rate_of({Bought(kStart, 30'000'000, "toys")}), 0.6, 1e-5);
  EXPECT_NEAR(
      rate_of({Bought(kStart, 30'000'000, "books"), Bought(kStart + kDay, 30'000'000, "toys")}),
      (6 + 18 + pooled * 0.6) / (60 + pooled), 1e-5);
  // Its own margin is known of each order: half of the revenue.
  std::vector<EventRecord> own;
  for (int i = 0; i < 40; ++i) {
    own.push_back(Bought(kStart + i * kDay, 30'000'000, "toys"));
    own.back().margin_micros = 15'000'000;
  }
  EXPECT_NEAR(rate_of(own), (600 + pooled * 0.6) / (1'200 + pooled), 1e-5);
}

TEST(Features, NegativeMargins_AddUp) {
  Population population;
  EventRecord loss = Bought(kStart, 10'000'000);
  loss.margin_micros = -4'000'000;
  EventRecord gain = Bought(kStart + 1, 10'000'000);
  gain.margin_micros = 1'500'000;
  ApplyAll("c", {loss, gain}, {}, &population);
  EXPECT_EQ(ValueOf(FeaturesOf(population, 1, kStart + kDay, {}), "margin_total"), "-2.5");
}

TEST(Features, Attributes_OfAnotherType_AreMissing) {
  Population population;
  const Valuation valuation{MakeRules({{},
                                       {{"region", DType::kString},
                                        {"age", DType::kInt64},
                                        {"score", DType::kDouble},
                                        {"vip", DType::kBool},
                                        {"born", DType::kTimestamp},
                                        {"never_set", DType::kBool}},
                                       {}}),
                            nullptr,
                            {}};
  const auto set = [&](const char* name, journal::AttributeValue value) {
    ApplyOne("c", AttributeEvent(kStart, name, std::move(value)), valuation, &population);
  };
  const auto get = [&](const char* name) {
    return ValueOf(FeaturesOf(population, 1, kStart + 1, valuation),
                   absl::StrCat("customer.", name));
  };
  set("region", std::string("West"));
  EXPECT_EQ(get("region"), "West");
  set("region", 5.0);
  EXPECT_EQ(get("region"), "missing");
  set("age", int64_t{40});
  EXPECT_EQ(get("age"), "40");
  set("age", 40.0);
  EXPECT_EQ(get("age"), "missing");
  set("score", int64_t{3});
  EXPECT_EQ(get("score"), "3");
  set("vip", true);
  EXPECT_EQ(get("vip"), "true");
  set("vip", std::string("true"));
  EXPECT_EQ(get("vip"), "missing");
  set("born", std::string("2018-01-01"));
  EXPECT_EQ(get("born"), absl::StrCat(kStart));
  set("born", std::string("yesterday"));
  EXPECT_EQ(get("born"), "missing");
  EXPECT_EQ(get("never_set"), "missing");
}

TEST(Features, Segments_AreEvaluatedInOrder) {
  Population population;
  const Valuation valuation{MakeRules({{},
                                       {{"region", DType::kString}},
                                       {{"west", "customer.region == 'West'"},
                                        {"active", "purchases > 1"},
                                        {"both", "segment.west && segment.active"},
                                        {"everybody", ""}}}),
                            nullptr,
                            {}};
  ApplyAll("a", {Bought(kStart, 1), Bought(kStart + 1, 1)}, valuation, &population);
  ApplyAll("b", {AttributeEvent(kStart, "region", std::string("West"))}, valuation, &population);
  ApplyAll("c",
           {AttributeEvent(kStart, "region", std::string("West")), Bought(kStart, 1),
            Bought(kStart + 1, 1)},
           valuation, &population);
  const std::vector<uint32_t> customers = {1, 2, 3};
  Batch batch(valuation.rules->schema, 0);
  population.Gather(customers, kStart + kDay, valuation, &batch, nullptr);
  EXPECT_EQ(ValueOf(batch, "segment.west", 0), "missing");
  EXPECT_EQ(ValueOf(batch, "segment.active", 0), "true");
  EXPECT_EQ(ValueOf(batch, "segment.both", 0), "missing");
  EXPECT_EQ(ValueOf(batch, "segment.both", 1), "false");
  EXPECT_EQ(ValueOf(batch, "segment.both", 2), "true");
  EXPECT_EQ(ValueOf(batch, "segment.everybody", 0), "true");
}

TEST(Features, Contacts_CountByWindow) {
  Population population;
  Change change(&population);
  const uint32_t number = change.FindOrAdd("c");
  for (const int days_ago : {1, 7, 20, 30, 60}) {
    Contact contact;
    contact.at_us = kStart - days_ago * kDay;
    change.AddContact(number, contact);
  }
  change.Publish();
  const Batch batch = FeaturesOf(population, number, kStart, {});
  EXPECT_EQ(ValueOf(batch, "contacts_7d"), "1");  // (now − 7 d, now]
  EXPECT_EQ(ValueOf(batch, "contacts_30d"), "3");
  EXPECT_EQ(ValueOf(batch, "days_since_last_contact"), "1");
  EXPECT_EQ(ValueOf(batch, "days_known"), "missing");
}

}  // namespace
}  // namespace tenure::customers
