// The same transactions through a file's table and through the population that folds the journal's
// events: one set of rules, one summary.
#include "server/customers/population.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/base/day_calendar.h"
#include "server/base/money.h"
#include "server/base/random.h"
#include "server/base/time.h"
#include "server/transactions/transaction_table.h"

namespace tenure::transactions {
namespace {

struct Row {
  std::string customer;
  int64_t at_us;
  int64_t amount;  // below 0: a refund
};

void Apply(const Row& row, customers::Change* change) {
  journal::EventRecord event;
  event.type = row.amount < 0 ? journal::EventType::kRefund : journal::EventType::kPurchase;
  event.happened_us = row.at_us;
  event.amount_micros = std::abs(row.amount);
  change->Apply(change->FindOrAdd(row.customer), event, row.at_us, {});
}

// Both summaries at the end of `end`, held out up to the end of `holdout`, by the days of a zone
// that the population is told after the first `before` rows.
void ExpectEqual(const std::vector<Row>& rows, int32_t end, int32_t holdout,
                 const DayCalendar& days = DayCalendar::Utc(), size_t before = 0) {
  customers::Population population;
  customers::Change change(&population);
  TransactionTable table({true, false, false});
  for (size_t i = 0; i < rows.size(); ++i) {
    if (i == before) change.CountDaysBy(days);
    if (i % 100 == 50) change.Publish();
    Apply(rows[i], &change);
    const int64_t local_us = rows[i].at_us + days.OffsetAt(rows[i].at_us);
    ASSERT_TRUE(table.Add({rows[i].customer, local_us, rows[i].amount, "", ""}).ok());
  }
  change.CountDaysBy(days);
  change.Publish();
  // T by whole days: the population is asked at the end day's midnight, what happened that day
  // counts by its day in the file. So no row is of those two days after midnight.
  const auto folded = population.Summarize(days.StartOf(holdout), days.StartOf(end));
  std::map<uint32_t, size_t> place;
  for (size_t i = 0; i < folded.customers.size(); ++i) place[folded.customers[i]] = i;
  SummaryOptions options;
  options.end_day = end;
  options.holdout_day = holdout;
  SummaryCounts counts;
  size_t customers = 0;
  const absl::Status status = table.Summarize(
      options,
      [&](const CustomerSummary& got) {
        SCOPED_TRACE(got.customer);
        ++customers;
        const size_t i = place.at(population.Find(got.customer));
        const clv::Observation& wanted = folded.observations[i];
        EXPECT_EQ(got.observation.frequency, wanted.frequency);
        EXPECT_EQ(got.observation.recency_days, wanted.recency_days);
        EXPECT_EQ(got.observation.age_days, wanted.age_days);
        EXPECT_EQ(got.observation.kept, wanted.kept);
        if (std::isnan(wanted.mean_spend)) {
          EXPECT_TRUE(std::isnan(got.observation.mean_spend));
        } else {
          EXPECT_EQ(got.observation.mean_spend, wanted.mean_spend);
        }
        EXPECT_EQ(static_cast<double>(got.holdout_frequency), folded.holdout_purchases[i]);
      },
      &counts);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(customers, folded.customers.size());
}

// From 2016-08-17 on: the first two zones set their clocks back within the holdout.
constexpr absl::string_view kZones[] = {"Europe/Berlin", "America/New_York", "Asia/Kathmandu",
                                        "UTC"};

TEST(PopulationAndFile, RandomTransactions_GiveEqualSummaries) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    const absl::string_view zone = kZones[seed % std::size(kZones)];
    SCOPED_TRACE(absl::StrCat("seed ", seed, ", ", zone));
    const DayCalendar& days = **DayCalendar::Of(zone);
    Random random(seed);
    std::vector<Row> rows;
    for (size_t i = random.Below(300); i > 0; --i) {
      const auto quarter = static_cast<int64_t>(random.Below(400));
      int64_t at_us = 17'030 * kMicrosPerDay + quarter * kMicrosPerDay / 4;
      const int32_t day = days.DayAt(at_us);
      if (day == 17'090 || day == 17'120) at_us = days.StartOf(day);
      const auto kind = random.Below(10);
      const auto amount = static_cast<int64_t>(1 + random.Below(50'000)) * 10'000;
      rows.push_back({absl::StrCat("c", random.Below(15)), at_us,
                      kind == 0   ? 0
                      : kind == 1 ? -amount
                                  : amount});
    }
    ExpectEqual(rows, 17'090, 17'120, days, random.Below(rows.size() + 1));
  }
}

TEST(PopulationAndFile, Cdnow_GivesEqualSummaries) {
  const char* shared = std::getenv("TENURE_SHARED_DIR");
  const char* source = std::getenv("TENURE_SOURCE_DIR");
  const std::string path =
      absl::StrCat(shared != nullptr ? shared : absl::StrCat(source ? source : ".", "/../shared"),
                   "/data/cdnow/transactions.csv");
  std::ifstream file(path);
  if (!file) GTEST_SKIP() << "no CDNOW data at " << path;
  std::vector<Row> rows;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    if (line.back() == '\r') line.pop_back();
    const std::vector<std::string> fields = absl::StrSplit(line, ',');
    rows.push_back({fields[1], *ParseInstant(fields[2]), *ParseMicros(fields[4])});
  }
  ASSERT_EQ(rows.size(), 6'919u);
  ExpectEqual(rows, DayOf(*ParseInstant("1997-09-30")), DayOf(*ParseInstant("1998-06-30")));
}

}  // namespace
}  // namespace tenure::transactions
