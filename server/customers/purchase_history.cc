#include "server/customers/purchase_history.h"

#include <algorithm>
#include <utility>

#include "server/base/time.h"
#include "server/transactions/purchase_totals.h"

namespace tenure::customers {

void PurchaseHistory::Borrow(const PurchaseHistory& lender) {
  rows_.Borrow(lender.rows_);
  first_day_ = lender.first_day_;
  any_known_ = lender.any_known_;
  any_unknown_ = lender.any_unknown_;
  any_free_ = lender.any_free_;
}

void PurchaseHistory::Swap(PurchaseHistory* other) {
  rows_.Swap(&other->rows_);
  std::swap(first_day_, other->first_day_);
  std::swap(any_known_, other->any_known_);
  std::swap(any_unknown_, other->any_unknown_);
  std::swap(any_free_, other->any_free_);
}

void PurchaseHistory::Insert(const Item& item) {
  (item.margin_known ? any_known_ : any_unknown_) = true;
  any_free_ = any_free_ || item.revenue_micros <= 0;
  const size_t at = CountUntil(item.at_us);
  const uint32_t category =
      static_cast<uint32_t>(item.category + 1) | (item.margin_known ? kKnown : 0);
  const auto revenue = static_cast<uint64_t>(item.revenue_micros);
  const auto margin = static_cast<uint64_t>(item.margin_known ? item.margin_micros : 0);
  const int32_t day = DayOf(item.at_us);
  const bool joins_before = at > 0 && DayOf(rows_[at - 1].at_us) == day;
  const bool day_is_known = joins_before || (at < rows_.size() && DayOf(rows_[at].at_us) == day);
  const uint32_t ordinal = (at == 0 ? 0 : rows_[at - 1].day) + (joins_before ? 0 : 1);
  if (ordinal == 1) first_day_ = day_is_known ? first_day_ + 1 : 1;
  rows_.insert(
      at, {item.at_us, RevenueBefore(at) + revenue, MarginBefore(at) + margin, category, ordinal});
  for (size_t i = at + 1; i < rows_.size(); ++i) {
    Row& later = rows_.Mutable(i);
    later.revenue_sum += revenue;
    later.margin_sum += margin;
    later.day += day_is_known ? 0 : 1;
  }
}

PurchaseHistory::Item PurchaseHistory::Get(size_t i) const {
  const Row& row = rows_[i];
  return {row.at_us, static_cast<int64_t>(row.revenue_sum - RevenueBefore(i)),
          static_cast<int64_t>(row.margin_sum - MarginBefore(i)), category(i),
          (row.category & kKnown) != 0};
}

size_t PurchaseHistory::CountUntil(int64_t at_us) const {
  if (rows_.empty() || rows_.back().at_us <= at_us) return rows_.size();
  const Row* after = std::upper_bound(rows_.begin(), rows_.end(), at_us,
                                      [](int64_t at, const Row& row) { return at < row.at_us; });
  return static_cast<size_t>(after - rows_.begin());
}

int64_t PurchaseHistory::Revenue(size_t from, size_t to) const {
  return static_cast<int64_t>(RevenueBefore(to) - RevenueBefore(from));
}

int64_t PurchaseHistory::KnownMargin(size_t from, size_t to) const {
  return static_cast<int64_t>(MarginBefore(to) - MarginBefore(from));
}

int64_t PurchaseHistory::RevenueOfUnknownMargin(size_t n) const {
  if (!any_unknown_) return 0;
  if (!any_known_) return Revenue(0, n);
  uint64_t sum = 0;
  for (size_t i = 0; i < n; ++i) {
    if ((rows_[i].category & kKnown) == 0) sum += rows_[i].revenue_sum - RevenueBefore(i);
  }
  return static_cast<int64_t>(sum);
}

int64_t PurchaseHistory::PaidDays(size_t from, size_t n) const {
  if (from >= n) return 0;
  if (!any_free_) return static_cast<int64_t>(DaysOf(n) - DaysOf(from));
  int64_t paid = 0;
  for (size_t i = from; i < n;) {
    const size_t begin = i;
    while (i < n && rows_[i].day == rows_[begin].day) ++i;
    paid += Revenue(begin, i) > 0 ? 1 : 0;
  }
  return paid;
}

clv::Observation PurchaseHistory::Observe(size_t n, int64_t at_us) const {
  transactions::PurchaseTotals totals;
  if (n > 0) {
    totals.periods = static_cast<int64_t>(DaysOf(n));
    totals.first_day = DayOf(rows_[0].at_us);
    totals.last_day = DayOf(rows_[n - 1].at_us);
  }
  if (totals.periods > 1) {
    totals.repeat_revenue = Revenue(first_day_, n);
    totals.paid_repeats = PaidDays(first_day_, n);
  }
  const int64_t age_us = at_us - totals.first_day * kMicrosPerDay;
  return transactions::Observe(totals,
                               static_cast<double>(age_us) / static_cast<double>(kMicrosPerDay));
}

double PurchaseHistory::LogIntervals(size_t n) const {
  double sum = 0;
  for (size_t i = first_day_; i < n; ++i) {
    const int32_t day = DayOf(rows_[i].at_us), before = DayOf(rows_[i - 1].at_us);
    if (day != before) sum += transactions::LogOfDays(day - before);
  }
  return sum;
}

}  // namespace tenure::customers
