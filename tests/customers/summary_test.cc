// What a file of transactions comes to, and what the same purchases come to on the server.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "server/transactions/customer_summary.h"
#include "tests/customers/world.h"

namespace tenure::customers {
namespace {

constexpr int32_t kFirstDay = static_cast<int32_t>(kStart / kDay);
constexpr int32_t kEndDay = kFirstDay + 2'000;

clv::Observation OfFile(std::vector<transactions::Deal> deals) {
  std::sort(deals.begin(), deals.end(), [](const auto& a, const auto& b) { return a.day < b.day; });
  transactions::SummaryOptions options;
  options.end_day = options.holdout_day = kEndDay;
  transactions::CustomerSummary summary;
  transactions::SummaryCounts counts;
  EXPECT_TRUE(transactions::Summarize(deals, true, options, &summary, &counts).value());
  return summary.observation;
}

void ExpectSame(const clv::Observation& server, const clv::Observation& file) {
  EXPECT_EQ(server.frequency, file.frequency);
  EXPECT_EQ(server.recency_days, file.recency_days);
  EXPECT_EQ(server.age_days, file.age_days);
  EXPECT_EQ(server.log_intervals, file.log_intervals);
  EXPECT_EQ(server.kept, file.kept);
  if (std::isnan(file.mean_spend)) {
    EXPECT_TRUE(std::isnan(server.mean_spend));
  } else {
    EXPECT_EQ(server.mean_spend, file.mean_spend);
  }
}

TEST(Summarize, LateAndSameDayPurchases_AreObservedAsInAFile) {
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Random random(seed);
    std::vector<journal::EventRecord> events;
    std::vector<transactions::Deal> deals;
    // In any order of their times; short spans have several purchases a day, long ones intervals
    // of years.
    const uint64_t span = random.Below(2) == 0 ? 10 : 1'900;
    for (uint64_t i = 1 + random.Below(30); i > 0; --i) {
      const auto day = static_cast<int32_t>(random.Below(span));
      const int64_t at_us = kStart + day * kDay + static_cast<int64_t>(random.Below(kDay));
      const auto micros = static_cast<int64_t>(random.Below(4)) * 7'300'000;
      events.push_back(Bought(at_us, micros));
      deals.push_back({micros, kFirstDay + day});
    }
    if (random.Below(2) == 0) {
      events.push_back(Refunded(kStart + 1'950 * kDay, 3'100'000));
      deals.push_back({-3'100'000, kFirstDay + 1'950});
    }
    Population population;
    ApplyAll("a", events, {}, &population);
    const Population::Summary summary = population.Summarize(kEndDay * kDay);
    ASSERT_EQ(summary.observations.size(), 1u);
    ExpectSame(summary.observations[0], OfFile(deals));
  }
}

TEST(Summarize, SplitForAHoldout_HasTheIntervalsBeforeIt) {
  Population population;
  ApplyAll("a",
           {Bought(kStart, 1'000'000), Bought(kStart + 30 * kDay, 1'000'000),
            Bought(kStart + 10 * kDay, 1'000'000), Bought(kStart + 100 * kDay, 1'000'000)},
           {}, &population);
  const auto before = population.Summarize(kStart + 200 * kDay, kStart + 50 * kDay);
  EXPECT_EQ(before.observations[0].log_intervals, std::log(10.0) + std::log(20.0));
  const auto all = population.Summarize(kStart + 200 * kDay);
  EXPECT_EQ(all.observations[0].log_intervals, std::log(10.0) + std::log(20.0) + std::log(70.0));
}

// Intervals of three exponential stages, and one in ten leaves after each purchase.
TEST(Summarize, RegularBuyers_AreFittedAsSuch) {
  Random random(8);
  Population population;
  Change change(&population);
  for (int c = 0; c < 400; ++c) {
    const uint32_t number = change.FindOrAdd(absl::StrCat("c", c));
    const double mean_days = 10 + 30 * random.Uniform();
    for (double day = 0; day < 400;) {
      const int64_t at_us = kStart + static_cast<int64_t>(day * static_cast<double>(kDay));
      change.Apply(number, Bought(at_us, 20'000'000), at_us, {});
      if (random.Below(10) == 0) break;
      for (int stage = 0; stage < 3; ++stage) {
        day -= std::log(random.UniformOpen()) * mean_days / 3;
      }
    }
  }
  change.Publish();
  clv::ValueOptions options;
  options.model = "bg_cnbd_k";
  const auto fitted =
      clv::FitValueModel(population.Summarize(kStart + 400 * kDay).observations, options);
  ASSERT_TRUE(fitted.ok()) << fitted.status();
  EXPECT_EQ(fitted->model->model(), "bg_cnbd_3");
}

}  // namespace
}  // namespace tenure::customers
