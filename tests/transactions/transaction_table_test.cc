#include "server/transactions/transaction_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/random.h"
#include "server/base/time.h"

namespace tenure::transactions {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kUnit = 1'000'000;

struct Row {
  std::string customer;
  int64_t local_us;
  int64_t amount = 0;
  std::string order, carried;
};

Row On(std::string customer, int day, int64_t amount, std::string order = "",
       std::string carried = "") {
  return {std::move(customer), day * kMicrosPerDay, amount * kUnit, std::move(order),
          std::move(carried)};
}

struct Result {
  PurchaseTotals totals;
  clv::Observation observation;
  double log_intervals;
  int64_t holdout_frequency, holdout_spend;
  std::string carried;
};

struct Outcome {
  absl::Status status;
  std::map<std::string, Result> customers;
  SummaryCounts counts;
};

Outcome Summarise(const std::vector<Row>& rows, const SummaryOptions& options,
                  TransactionTable::Shape shape = {true, false, false}) {
  TransactionTable table(shape);
  for (const Row& row : rows) {
    const absl::Status added =
        table.Add({row.customer, row.local_us, row.amount, row.order, row.carried});
    EXPECT_TRUE(added.ok()) << added;
  }
  Outcome outcome;
  outcome.status = table.Summarize(
      options,
      [&](const CustomerSummary& one) {
        outcome.customers[std::string(one.customer)] = {
            one.totals,        one.observation,         one.log_intervals, one.holdout_frequency,
            one.holdout_spend, std::string(one.carried)};
      },
      &outcome.counts);
  return outcome;
}

SummaryOptions Until(int end, int holdout = 0) {
  SummaryOptions options;
  options.end_day = end;
  options.holdout_day = std::max(end, holdout);
  return options;
}

TEST(TransactionTable, SeveralPurchasesADay_CountOnceAndTheFirstIsNoRepeat) {
  const Outcome outcome = Summarise({On("a", 20, 10), On("a", 10, 5), On("a", 10, 50),
                                     On("a", 20, 30), On("a", 34, 20), On("b", 30, 7)},
                                    Until(38));
  const Result& a = outcome.customers.at("a");
  EXPECT_EQ(a.observation.frequency, 2);
  EXPECT_EQ(a.observation.recency_days, 24);
  EXPECT_EQ(a.observation.age_days, 28);
  EXPECT_EQ(a.observation.mean_spend, 30);  // (10 + 30 + 20) / 2
  EXPECT_DOUBLE_EQ(a.log_intervals, std::log(10.0) + std::log(14.0));
  const Result& b = outcome.customers.at("b");
  EXPECT_EQ(b.observation.frequency, 0);
  EXPECT_EQ(b.observation.recency_days, 0);
  EXPECT_TRUE(std::isnan(b.observation.mean_spend));
  EXPECT_EQ(outcome.counts.purchases, 6);
  EXPECT_EQ(outcome.counts.customers, 2);
}

TEST(TransactionTable, AgeIsByTheObservationEnd_NotByTheLastRow) {
  const Outcome outcome =
      Summarise({On("a", 0, 1), On("b", 90, 1), On("c", 101, 1), On("a", 300, 1)}, Until(100));
  EXPECT_EQ(outcome.customers.at("a").observation.age_days, 100);
  EXPECT_EQ(outcome.customers.at("b").observation.age_days, 10);
  EXPECT_EQ(outcome.customers.count("c"), 0u);
  EXPECT_EQ(outcome.counts.customers_without, 1);
  EXPECT_EQ(outcome.counts.after, 2);
}

TEST(TransactionTable, Holdout_CountsPeriodsAndAddsAllOrders) {
  const Outcome outcome =
      Summarise({On("a", 0, 10), On("a", 10, 10), On("a", 11, 4), On("a", 11, 5), On("a", 20, 6),
                 On("a", 21, 100), On("b", 15, 3)},
                Until(10, 20));
  const Result& a = outcome.customers.at("a");
  EXPECT_EQ(a.observation.frequency, 1);
  EXPECT_EQ(a.holdout_frequency, 2);
  EXPECT_EQ(a.holdout_spend, 15 * kUnit);
  EXPECT_EQ(outcome.customers.size(), 1u);
  EXPECT_EQ(outcome.counts.held_out, 4);
  EXPECT_EQ(outcome.counts.after, 1);
}

TEST(TransactionTable, Refund_IsNoPurchaseAndLowersTheKeptShare) {
  const std::vector<Row> rows = {On("a", 0, 50), On("a", 5, 50), On("a", 9, -25), On("a", 30, -75),
                                 On("c", 3, -5)};
  Outcome outcome = Summarise(rows, Until(20));
  const Result& a = outcome.customers.at("a");
  EXPECT_EQ(a.observation.frequency, 1);
  EXPECT_EQ(a.observation.recency_days, 5);  // not 9
  EXPECT_EQ(a.observation.mean_spend, 50);
  EXPECT_EQ(a.observation.kept, 0.75);  // what comes back after the end is not known there
  EXPECT_EQ(outcome.counts.refunds, 3);
  EXPECT_EQ(outcome.counts.refunded, 105 * kUnit);
  EXPECT_EQ(outcome.counts.customers_without, 1);
  SummaryOptions options = Until(20);
  options.refunds = RefundRule::kDrop;
  EXPECT_EQ(Summarise(rows, options).customers.at("a").observation.kept, 1);
  options.refunds = RefundRule::kRefuse;
  const Outcome refused = Summarise(rows, options);
  EXPECT_THAT(std::string(refused.status.message()),
              HasSubstr("customer `a` has a refund on 1970-01-10"));
}

TEST(TransactionTable, FreeOrder_IsAPurchaseWithoutASpend) {
  const Outcome outcome = Summarise(
      {On("a", 0, 50), On("a", 5, 0), On("a", 9, 30), On("b", 1, 1), On("b", 2, 0)}, Until(20));
  const Result& a = outcome.customers.at("a");
  EXPECT_EQ(a.observation.frequency, 2);
  EXPECT_EQ(a.observation.mean_spend, 30);
  EXPECT_EQ(outcome.customers.at("b").observation.frequency, 1);
  EXPECT_TRUE(std::isnan(outcome.customers.at("b").observation.mean_spend));
  EXPECT_EQ(outcome.counts.free, 2);
}

TEST(TransactionTable, RowsOfAnOrder_AreOnePurchaseOfTheirSumAndFirstDay) {
  const Outcome outcome = Summarise({On("a", 0, 5, "1"), On("a", 8, 10, "2"), On("a", 7, 20, "2"),
                                     On("a", 9, -3, "2"), On("a", 12, -4, "3"), On("b", 1, 6, "1")},
                                    Until(20), {true, true, false});
  const Result& a = outcome.customers.at("a");
  EXPECT_EQ(a.observation.frequency, 1);
  EXPECT_EQ(a.observation.recency_days, 7);
  EXPECT_EQ(a.observation.mean_spend, 27);
  EXPECT_EQ(outcome.counts.refunds, 1);  // order 3; the line of order 2 is a part of it
  EXPECT_EQ(outcome.customers.at("b").totals.first_day, 1);  // the order of the same id is b's own
}

TEST(TransactionTable, OrderOfSeveralCustomers_IsCounted) {
  TransactionTable table({true, true, false});
  for (const auto& [customer, order] : std::vector<std::pair<const char*, const char*>>{
           {"a", "1"}, {"b", "1"}, {"c", "1"}, {"b", "1"}, {"a", "2"}}) {
    ASSERT_TRUE(table.Add({customer, 0, kUnit, order, ""}).ok());
  }
  EXPECT_EQ(table.shared_orders(), 1);
  EXPECT_EQ(table.size(), 4);
}

TEST(TransactionTable, Carried_IsOfTheFirstPurchase) {
  std::vector<Row> rows = {On("a", 5, 1, "", "late"), On("a", 2, -1, "", "refund"),
                           On("a", 3, 1, "", "noon"), On("a", 3, 1, "", "morning")};
  rows[2].local_us += 12 * kMicrosPerHour;
  const TransactionTable::Shape shape{true, false, true};
  EXPECT_EQ(Summarise(rows, Until(20), shape).customers.at("a").carried, "morning");
}

TEST(TransactionTable, PeriodOfAWeek_CountsOnceFromTheFirstPurchase) {
  SummaryOptions options = Until(30);
  options.period_days = 7;
  const Outcome outcome = Summarise(
      {On("a", 3, 5), On("a", 9, 5), On("a", 10, 5), On("a", 16, 5), On("a", 24, 5)}, options);
  const Result& a = outcome.customers.at("a");
  EXPECT_EQ(a.observation.frequency, 2);  // 3 and 9; 10 and 16; 24
  EXPECT_EQ(a.observation.recency_days, 21);
  EXPECT_EQ(a.observation.age_days, 27);
  EXPECT_EQ(a.observation.mean_spend, 7.5);
}

TEST(TransactionTable, WithoutAmounts_EveryTransactionIsAPurchase) {
  const Outcome outcome = Summarise({On("a", 1, 0), On("a", 3, 0)}, Until(9), {});
  EXPECT_EQ(outcome.customers.at("a").observation.frequency, 1);
  EXPECT_EQ(outcome.counts.free, 0);
}

TEST(TransactionTable, NothingAndOneAndAllAlike_AreSummarised) {
  EXPECT_TRUE(Summarise({}, Until(9)).customers.empty());
  const Outcome one = Summarise({On("a", -700, 3)}, Until(-600));  // before 1970
  EXPECT_EQ(one.customers.at("a").observation.age_days, 100);
  const Outcome alike = Summarise(std::vector<Row>(1'000, On("a", 4, 3)), Until(4));
  EXPECT_EQ(alike.customers.at("a").observation.frequency, 0);
  EXPECT_EQ(alike.customers.at("a").observation.age_days, 0);
}

TEST(TransactionTable, SumsBeyondMoney_NameTheCustomer) {
  const int64_t most = 9'000'000'000'000;
  const Outcome outcome = Summarise({On("a", 1, 1), On("b", 2, most), On("b", 3, most)}, Until(9));
  EXPECT_THAT(std::string(outcome.status.message()), HasSubstr("customer `b`: the amounts add up"));
  TransactionTable table({true, true, false});
  ASSERT_TRUE(table.Add({"a", 0, most * kUnit, "7", ""}).ok());
  const absl::Status refused = table.Add({"a", 0, most * kUnit, "7", ""});
  EXPECT_THAT(std::string(refused.message()), HasSubstr("order `7`"));
}

auto Tie(const Result& r) {
  const auto spend = std::isnan(r.observation.mean_spend) ? -1 : r.observation.mean_spend;
  return std::tuple(r.observation.frequency, r.observation.recency_days, r.observation.age_days,
                    spend, r.observation.kept, r.log_intervals, r.holdout_frequency,
                    r.holdout_spend, r.carried);
}

TEST(TransactionTable, OrderOfRows_DoesNotMatter) {
  for (uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Random random(seed);
    const TransactionTable::Shape shape{true, random.Below(2) == 1, random.Below(2) == 1};
    std::vector<Row> rows;
    for (size_t i = random.Below(300); i > 0; --i) {
      rows.push_back({absl::StrCat("c", random.Below(12)),
                      static_cast<int64_t>(random.Below(400)) * kMicrosPerDay / 4,
                      (static_cast<int64_t>(random.Below(100)) - 20) * 10'007,
                      absl::StrCat("o", random.Below(80)), absl::StrCat("v", random.Below(5))});
    }
    SummaryOptions options = Until(60, 90);
    options.period_days = 1 + static_cast<int32_t>(random.Below(3));
    const Outcome first = Summarise(rows, options, shape);
    for (size_t i = rows.size(); i > 1; --i) std::swap(rows[i - 1], rows[random.Below(i)]);
    const Outcome second = Summarise(rows, options, shape);
    ASSERT_EQ(first.customers.size(), second.customers.size());
    for (const auto& [customer, result] : first.customers) {
      EXPECT_EQ(Tie(result), Tie(second.customers.at(customer))) << customer;
    }
    EXPECT_EQ(first.counts.purchases, second.counts.purchases);
    EXPECT_EQ(first.counts.refunds, second.counts.refunds);
    EXPECT_EQ(first.counts.held_out, second.counts.held_out);
    EXPECT_EQ(first.counts.after, second.counts.after);
  }
}

// The definitions, by sets of days.
TEST(TransactionTable, RandomPurchases_AgreeWithTheDefinitions) {
  for (uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Random random(seed);
    std::vector<Row> rows;
    std::map<std::string, std::map<int, int64_t>> days;
    for (size_t i = random.Below(200); i > 0; --i) {
      const std::string customer = absl::StrCat("c", random.Below(9));
      const int day = static_cast<int>(random.Below(50));
      const int64_t amount = 1 + static_cast<int64_t>(random.Below(500));
      rows.push_back(On(customer, day, amount));
      days[customer][day] += amount * kUnit;
    }
    const Outcome outcome = Summarise(rows, Until(30, 49));
    size_t customers = 0;
    for (const auto& [customer, by_day] : days) {
      const int first = by_day.begin()->first;
      if (first > 30) continue;
      ++customers;
      double frequency = -1, recency = 0, spend = 0, held_out = 0;
      for (const auto& [day, amount] : by_day) {
        held_out += day > 30 ? 1 : 0;
        if (day > 30) continue;
        ++frequency;
        recency = day - first;
        if (day > first) spend += static_cast<double>(amount) / kUnit;
      }
      const Result& got = outcome.customers.at(customer);
      EXPECT_EQ(got.observation.frequency, frequency);
      EXPECT_EQ(got.observation.recency_days, recency);
      EXPECT_EQ(got.observation.age_days, 30 - first);
      EXPECT_EQ(static_cast<double>(got.holdout_frequency), held_out);
      if (frequency > 0) {
        EXPECT_NEAR(got.observation.mean_spend, spend / frequency, 1e-9 * spend);
      }
    }
    EXPECT_EQ(outcome.customers.size(), customers);
  }
}

}  // namespace
}  // namespace tenure::transactions
