// What a customer's transactions come to, and what became of all of them.
#ifndef TENURE_SERVER_TRANSACTIONS_CUSTOMER_SUMMARY_H_
#define TENURE_SERVER_TRANSACTIONS_CUSTOMER_SUMMARY_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/clv/value_model.h"
#include "server/transactions/purchase_totals.h"

namespace tenure::transactions {

// What an order below 0 does. It is never a purchase.
enum class RefundRule {
  kNet,     // lowers the customer's kept share; what was sold stays the spend
  kDrop,    // nothing
  kRefuse,  // ends the summary
};

struct SummaryOptions {
  int32_t end_day = 0;      // the last day that counts, from 1970-01-01
  int32_t holdout_day = 0;  // the last day of the holdout after it; end_day: there is none
  int32_t period_days = 1;  // purchases of one period count once; counted from a customer's first
  RefundRule refunds = RefundRule::kNet;
  bool repeat_days = false;  // whether CustomerSummary::repeat_days is wanted
};

// One customer with a purchase up to the end of observation. Views are valid during the call.
struct CustomerSummary {
  absl::string_view customer;
  PurchaseTotals totals;
  clv::Observation observation;  // in days
  double log_intervals = 0;      // sum of ln(days) between the periods with a purchase
  int64_t holdout_frequency = 0;
  int64_t holdout_spend = 0;         // micros, of all orders of the holdout together
  absl::string_view carried;         // of the first purchase
  std::vector<int32_t> repeat_days;  // where the repeat periods begin, the holdout's too
};

// What became of the transactions (orders where they are grouped).
struct SummaryCounts {
  int64_t customers = 0;          // summarised
  int64_t customers_without = 0;  // left out: no purchase up to the end of observation
  int64_t purchases = 0;          // up to the end of observation
  int64_t free = 0;               // of those, with an amount of 0
  int64_t held_out = 0;           // purchases of the holdout
  int64_t after = 0;              // later than what is asked for: dropped
  int64_t refunds = 0;            // of any time
  int64_t refunded = 0;           // micros that they took back
  int64_t sold = 0;               // micros, up to the end of observation; both at most 9.2e18
};

// One purchase, or order, or refund of a customer.
struct Deal {
  int64_t amount;  // micros
  int32_t day;
};

// Adds up one customer's deals, sorted by day, into `summary` and `counts`; false where they hold
// no purchase up to the end. Without `amounts` every deal is a purchase of unknown spend.
// OUT_OF_RANGE when a sum of money does not fit. The customer, kept share and carried are set by
// the caller. Thread-safe.
absl::StatusOr<bool> Summarize(absl::Span<const Deal> deals, bool amounts,
                               const SummaryOptions& options, CustomerSummary* summary,
                               SummaryCounts* counts);

}  // namespace tenure::transactions

#endif  // TENURE_SERVER_TRANSACTIONS_CUSTOMER_SUMMARY_H_
