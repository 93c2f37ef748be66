// One customer's purchases by time, with running sums: what was bought up to, or between, any two
// instants is two binary searches and a difference. Days are those of its calendar, UTC's at first.
#ifndef TENURE_SERVER_CUSTOMERS_PURCHASE_HISTORY_H_
#define TENURE_SERVER_CUSTOMERS_PURCHASE_HISTORY_H_

#include <cstddef>
#include <cstdint>

#include "server/base/day_calendar.h"
#include "server/clv/value_model.h"
#include "server/customers/compact_array.h"

namespace tenure::customers {

// Not thread-safe while written.
class PurchaseHistory {
 public:
  // An empty one shares the lender's purchases (compact_array.h), and the end of that.
  void Borrow(const PurchaseHistory& lender);
  void TakeFrom(PurchaseHistory* lender) { rows_.TakeFrom(&lender->rows_); }

  struct Item {
    int64_t at_us;
    int64_t revenue_micros;
    int64_t margin_micros;  // 0 unless margin_known
    int32_t category;       // code of the population's names; -1: none
    bool margin_known;
  };

  const DayCalendar& days() const { return DayCalendar::ByNumber(days_); }
  // From now on its days are of this one.
  void CountDaysBy(const DayCalendar& days);

  // In place by time, after those of the same instant. The latest costs nothing more; a late one
  // sums again what comes after it.
  void Insert(const Item& item);

  void Reserve(size_t purchases) { rows_.reserve(purchases); }
  size_t size() const { return rows_.size(); }
  Item Get(size_t i) const;
  int64_t at_us(size_t i) const { return rows_[i].at_us; }
  int32_t category(size_t i) const { return static_cast<int32_t>(rows_[i].category & kCode) - 1; }

  // How many there are at or before `at_us`: the first n. Windows are differences of these.
  size_t CountUntil(int64_t at_us) const;
  // On how many days the first n were made.
  size_t DaysOf(size_t n) const { return n == 0 ? 0 : rows_[n - 1].day; }
  // Sums over [from, to).
  int64_t Revenue(size_t from, size_t to) const;
  int64_t KnownMargin(size_t from, size_t to) const;
  // Of the first day, as far as it is among the first n.
  int64_t FirstDayRevenue(size_t n) const { return Revenue(0, n < first_day_ ? n : first_day_); }
  // The revenue over [0, n) whose margin is not known.
  int64_t RevenueOfUnknownMargin(size_t n) const;

  // The sufficient statistics of the first n at `at_us`, by day and the rules of
  // transactions::Observe. A customer without a purchase has an age of NaN.
  // Its log_intervals is left to LogIntervals. The age grows by the hours that pass, so that what
  // will be is told exactly by what is; after a change of the clock it is an hour off AgeByClock.
  clv::Observation Observe(size_t n, int64_t at_us) const;
  // The age in days as the local clock shows it: whole at every midnight, as in a file's summary.
  // There is a purchase, and none of the first n is later than `at_us`.
  double AgeByClock(size_t n, int64_t at_us) const;
  // Σ ln of the days between the purchase days of the first n: what a fit of regular timing reads.
  double LogIntervals(size_t n) const;

  // Insert of the latest and Observe will soon be called.
  void Prefetch() const {
    if (rows_.empty()) return;
    __builtin_prefetch(rows_.begin());
    __builtin_prefetch(rows_.end() - 1);
    __builtin_prefetch(rows_.end(), 1);
  }

 private:
  // Sums run modulo 2^64: differences are right whenever they fit.
  struct Row {
    int64_t at_us;
    uint64_t revenue_sum;
    uint64_t margin_sum;  // of known margins
    uint32_t category;    // code + 1, and kKnown
    uint32_t day;         // ordinal among days with a purchase, from 1
  };
  static constexpr uint32_t kKnown = uint32_t{1} << 31;
  static constexpr uint32_t kCode = kKnown - 1;

  // How many of the days over [from, n), where `from` begins a day, brought revenue.
  int64_t PaidDays(size_t from, size_t n) const;
  uint64_t RevenueBefore(size_t n) const { return n == 0 ? 0 : rows_[n - 1].revenue_sum; }
  uint64_t MarginBefore(size_t n) const { return n == 0 ? 0 : rows_[n - 1].margin_sum; }

  CompactArray<Row> rows_;
  uint32_t first_day_ = 0;  // how many were made on the first day
  uint16_t days_ = 0;       // the calendar's number: there are many histories
  bool any_known_ : 1 = false, any_unknown_ : 1 = false, any_free_ : 1 = false;
};

}  // namespace tenure::customers

#endif  // TENURE_SERVER_CUSTOMERS_PURCHASE_HISTORY_H_
