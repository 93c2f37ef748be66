#include "server/customers/purchase_history.h"

#include <gtest/gtest.h>

#include <cmath>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "server/base/day_calendar.h"
#include "server/base/random.h"
#include "server/base/time.h"
#include "tests/customers/world.h"

namespace tenure::customers {
namespace {

PurchaseHistory::Item Item(int64_t at_us, int64_t revenue) {
  return {at_us, revenue, 0, -1, false};
}

TEST(PurchaseHistory, Empty_HasNoAge) {
  const PurchaseHistory history;
  EXPECT_EQ(history.CountUntil(kStart), 0u);
  EXPECT_TRUE(std::isnan(history.Observe(0, kStart).age_days));
}

TEST(PurchaseHistory, SeveralPurchasesADay_CountOnce) {
  PurchaseHistory history;
  history.Insert(Item(kStart + 9 * 3'600'000'000, 10'000'000));
  history.Insert(Item(kStart + 1, 5'000'000));
  history.Insert(Item(kStart + 7 * kDay + 5, 30'000'000));
  history.Insert(Item(kStart + 7 * kDay + 6, 10'000'000));
  history.Insert(Item(kStart + 21 * kDay, 20'000'000));
  const clv::Observation observed = history.Observe(5, kStart + 28 * kDay);
  EXPECT_EQ(observed.frequency, 2);
  EXPECT_EQ(observed.recency_days, 21);
  EXPECT_EQ(observed.age_days, 28);
  EXPECT_EQ(observed.mean_spend, 30);  // (30 + 10 + 20) / 2: the first day's are not repeats
}

TEST(PurchaseHistory, FreeOrders_ArePurchasesWithoutASpend) {
  PurchaseHistory history;
  history.Insert(Item(kStart, 10'000'000));
  history.Insert(Item(kStart + 7 * kDay, 0));
  history.Insert(Item(kStart + 9 * kDay, 0));
  history.Insert(Item(kStart + 9 * kDay + 1, 30'000'000));
  history.Insert(Item(kStart + 11 * kDay, 20'000'000));
  const clv::Observation observed = history.Observe(5, kStart + 28 * kDay);
  EXPECT_EQ(observed.frequency, 3);
  EXPECT_EQ(observed.mean_spend, 25);  // the day of two orders brought 30
  EXPECT_TRUE(std::isnan(history.Observe(2, kStart + 28 * kDay).mean_spend));
}

TEST(PurchaseHistory, RandomOrder_AgreesWithSummingAgain) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Random random(seed);
    PurchaseHistory history;
    std::vector<PurchaseHistory::Item> items;
    for (size_t i = random.Below(40); i > 0; --i) {
      const int64_t at_us = kStart + static_cast<int64_t>(random.Below(40)) * kDay / 4;
      const auto revenue = static_cast<int64_t>(random.Below(1'000)) - 300;
      items.push_back({at_us, revenue, random.Below(2) == 0 ? revenue / 2 : 0,
                       static_cast<int32_t>(random.Below(5)) - 1, false});
      items.back().margin_known = items.back().margin_micros != 0;
      history.Insert(items.back());
    }
    std::stable_sort(items.begin(), items.end(),
                     [](const auto& a, const auto& b) { return a.at_us < b.at_us; });
    int64_t revenue = 0, margin = 0, unknown = 0;
    size_t days = 0;
    for (size_t i = 0; i < items.size(); ++i) {
      const PurchaseHistory::Item got = history.Get(i);
      EXPECT_EQ(got.at_us, items[i].at_us);
      EXPECT_EQ(got.revenue_micros, items[i].revenue_micros);
      EXPECT_EQ(got.margin_micros, items[i].margin_micros);
      EXPECT_EQ(got.category, items[i].category);
      EXPECT_EQ(got.margin_known, items[i].margin_known);
      revenue += items[i].revenue_micros;
      margin += items[i].margin_micros;
      unknown += items[i].margin_known ? 0 : items[i].revenue_micros;
      days += i == 0 || DayOf(items[i].at_us) != DayOf(items[i - 1].at_us) ? 1 : 0;
      EXPECT_EQ(history.DaysOf(i + 1), days);
      EXPECT_EQ(history.Revenue(0, i + 1), revenue);
      EXPECT_EQ(history.KnownMargin(0, i + 1), margin);
      EXPECT_EQ(history.RevenueOfUnknownMargin(i + 1), unknown);
      EXPECT_EQ(history.Observe(i + 1, kStart + 50 * kDay).frequency,
                static_cast<double>(days - 1));
    }
  }
}

// 2018-10-28: clocks in Berlin go back at 01:00 UTC, so that the day has 25 hours.
TEST(PurchaseHistory, DaysOfAZone_AreLocal) {
  const DayCalendar& berlin = **DayCalendar::Of("Europe/Berlin");
  PurchaseHistory history;
  history.CountDaysBy(berlin);
  const auto buy = [&](absl::string_view at) {
    history.Insert(Item(*ParseInstant(at), 1'000'000));
  };
  buy("2018-10-26T21:59:00Z");  // 23:59 on the 26th
  buy("2018-10-26T22:01:00Z");  // 00:01 on the 27th: the same day in UTC
  buy("2018-10-28T22:59:00Z");  // 23:59 on the 28th
  buy("2018-10-27T22:00:00Z");  // 00:00 on the 28th: another day in UTC
  const int64_t at_us = *ParseInstant("2018-10-30T11:00:00Z");  // 12:00
  clv::Observation observed = history.Observe(4, at_us);
  EXPECT_EQ(observed.frequency, 2);
  EXPECT_EQ(observed.recency_days, 2);
  EXPECT_EQ(observed.age_days, 4.5);
  EXPECT_EQ(history.AgeByClock(4, at_us), 4.5);
  // As it was before the clock changed: summer's hours.
  observed = history.Observe(2, at_us);
  EXPECT_DOUBLE_EQ(observed.age_days, 4.5 + 1.0 / 24);
  EXPECT_EQ(history.AgeByClock(2, at_us), 4.5);
  history.CountDaysBy(DayCalendar::Utc());
  observed = history.Observe(4, at_us);
  EXPECT_EQ(observed.frequency, 2);  // the 26th, the 27th and the 28th
  EXPECT_DOUBLE_EQ(observed.age_days, 4 + 11.0 / 24);
}

// However late the zone is told, and whatever its clocks do.
TEST(PurchaseHistory, CountedAgain_IsAsIfCountedSoAtFirst) {
  constexpr absl::string_view kZones[] = {
      "UTC",          "Europe/Berlin", "America/Havana", "America/Sao_Paulo",
      "Pacific/Apia", "Asia/Kolkata"};
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Random random(seed);
    const DayCalendar& days = **DayCalendar::Of(kZones[random.Below(std::size(kZones))]);
    const DayCalendar& others = **DayCalendar::Of(kZones[random.Below(std::size(kZones))]);
    PurchaseHistory at_once, later;
    at_once.CountDaysBy(days);
    later.CountDaysBy(others);
    const size_t n = 1 + random.Below(30);
    for (size_t i = 0; i < n; ++i) {
      // About the end of 2011, when Apia skipped a day.
      const int64_t at_us = 15'200 * kDay + static_cast<int64_t>(random.Below(800)) * kDay / 24;
      const auto revenue = static_cast<int64_t>(random.Below(1'000));
      at_once.Insert(Item(at_us, revenue));
      later.Insert(Item(at_us, revenue));
    }
    later.CountDaysBy(days);
    for (size_t i = 1; i <= n; ++i) {
      const int64_t at_us = at_once.at_us(i - 1) + static_cast<int64_t>(random.Below(5'000'000));
      const clv::Observation a = at_once.Observe(i, at_us), b = later.Observe(i, at_us);
      ASSERT_EQ(a.frequency, b.frequency);
      ASSERT_EQ(a.recency_days, b.recency_days);
      ASSERT_EQ(a.age_days, b.age_days);
      ASSERT_EQ(at_once.LogIntervals(i), later.LogIntervals(i));
      ASSERT_EQ(a.frequency == 0, a.recency_days == 0);
      ASSERT_GE(a.recency_days, a.frequency);
      ASSERT_GE(a.age_days, a.recency_days);
      ASSERT_GE(at_once.AgeByClock(i, at_us), a.recency_days);
    }
  }
}

}  // namespace
}  // namespace tenure::customers
