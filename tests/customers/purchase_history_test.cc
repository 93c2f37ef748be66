#include "server/customers/purchase_history.h"

#include <gtest/gtest.h>

#include <cmath>

#include "absl/strings/str_cat.h"
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

}  // namespace
}  // namespace tenure::customers
