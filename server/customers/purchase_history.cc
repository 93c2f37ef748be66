#include "server/customers/purchase_history.h"

#include <algorithm>
#include <utility>

#include "server/base/time.h"
#include "server/transactions/purchase_totals.h"

namespace tenure::customers {
namespace {

double DaysSince(int64_t first_day, int64_t local_us) {
  return static_cast<double>(local_us - first_day * kMicrosPerDay) /
         static_cast<double>(kMicrosPerDay);
}

}  // namespace

void PurchaseHistory::Borrow(const PurchaseHistory& lender) {
  days_ = lender.days_;
  rows_.Borrow(lender.rows_);
  first_day_ = lender.first_day_;
  any_known_ = lender.any_known_;
  any_unknown_ = lender.any_unknown_;
  any_free_ = lender.any_free_;
}

void PurchaseHistory::CountDaysBy(const DayCalendar& days) {
  if (days_ == days.number()) return;
  days_ = days.number();
  uint32_t ordinal = 0;
  int32_t before = 0;
  for (size_t i = 0; i < rows_.size(); ++i) {
    const int32_t day = days.DayAt(rows_[i].at_us);
    if (i == 0 || day != before) ++ordinal;
    if (ordinal == 1) first_day_ = static_cast<uint32_t>(i + 1);
    if (rows_[i].day != ordinal) rows_.Mutable(i).day = ordinal;
    before = day;
  }
}

void PurchaseHistory::Insert(const Item& item) {
  (item.margin_known ? any_known_ : any_unknown_) = true;
  any_free_ = any_free_ || item.revenue_micros <= 0;
  const size_t at = CountUntil(item.at_us);
  const uint32_t category =
      static_cast<uint32_t>(item.category + 1) | (item.margin_known ? kKnown : 0);
  const auto revenue = static_cast<uint64_t>(item.revenue_micros);
  const auto margin = static_cast<uint64_t>(item.margin_known ? item.margin_micros : 0);
  const DayCalendar& calendar = days();
  const int32_t day = calendar.DayAt(item.at_us);
  const bool joins_before = at > 0 && calendar.DayAt(rows_[at - 1].at_us) == day;
  const bool day_is_known =
      joins_before || (at < rows_.size() && calendar.DayAt(rows_[at].at_us) == day);
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
    totals.first_day = days().DayAt(rows_[0].at_us);
    totals.last_day = days().DayAt(rows_[n - 1].at_us);
  }
  if (totals.periods > 1) {
    totals.repeat_revenue = Revenue(first_day_, n);
    totals.paid_repeats = PaidDays(first_day_, n);
  }
  // By the clock as it was at the last purchase, the age is never below the recency.
  const int64_t local_us = at_us + (n == 0 ? 0 : days().OffsetAt(rows_[n - 1].at_us));
  return transactions::Observe(totals, DaysSince(totals.first_day, local_us));
}

double PurchaseHistory::AgeByClock(size_t n, int64_t at_us) const {
  const int32_t first = days().DayAt(rows_[0].at_us), last = days().DayAt(rows_[n - 1].at_us);
  const double age = DaysSince(first, at_us + days().OffsetAt(at_us));
  return std::max(age, static_cast<double>(last - first));
}

double PurchaseHistory::LogIntervals(size_t n) const {
  double sum = 0;
  for (size_t i = first_day_; i < n; ++i) {
    const int32_t day = days().DayAt(rows_[i].at_us);
    const int32_t before = days().DayAt(rows_[i - 1].at_us);
    if (day != before) sum += transactions::LogOfDays(day - before);
  }
  return sum;
}

}  // namespace tenure::customers
