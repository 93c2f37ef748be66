// The rules that a file's transactions and the server's events share: what a repeat purchase is,
// recency, T, mean spend and the kept share. Whoever adds a customer's purchases up, in a pass or
// by running sums, has them here.
#ifndef TENURE_SERVER_TRANSACTIONS_PURCHASE_TOTALS_H_
#define TENURE_SERVER_TRANSACTIONS_PURCHASE_TOTALS_H_

#include <cstdint>

#include "server/clv/value_model.h"

namespace tenure::transactions {

// One customer's purchases up to a moment. A period is a day unless said otherwise: all purchases
// of a period are one.
struct PurchaseTotals {
  int64_t periods = 0;         // with a purchase; 0: no customer yet
  int64_t first_day = 0;       // days from 1970-01-01
  int64_t last_day = 0;        // the first day of the last period with a purchase
  int64_t repeat_revenue = 0;  // micros, of all periods but the first
  int64_t paid_repeats = 0;    // of those, how many brought revenue: free orders are no spend
};

// The sufficient statistics `age_days` (T) after the beginning of the first day, in days: the first
// period is no repeat and in no spend; free periods are repeats without a spend. Mean spend is NaN
// where there is none, T is NaN without a purchase. The kept share stays 1. Thread-safe.
clv::Observation Observe(const PurchaseTotals& totals, double age_days);

// ln of an interval of whole days, at least 1, between two periods with a purchase: added up in
// their order these are Observation::log_intervals, which Observe does not fill. Thread-safe.
double LogOfDays(int64_t days);

// The share of what was `sold` that `refunded` did not take back, in [0, 1]; both in micros. 1
// where nothing was sold. Thread-safe.
double KeptShare(int64_t sold, int64_t refunded);

}  // namespace tenure::transactions

#endif  // TENURE_SERVER_TRANSACTIONS_PURCHASE_TOTALS_H_
