#include "server/transactions/customer_summary.h"

#include <limits>

#include "absl/status/status.h"

namespace tenure::transactions {
namespace {

// Stays at the most that fits: it is for a report.
void Count(int64_t amount, int64_t* sum) {
  if (__builtin_add_overflow(*sum, amount, sum)) *sum = std::numeric_limits<int64_t>::max();
}

}  // namespace

absl::StatusOr<bool> Summarize(absl::Span<const Deal> deals, bool amounts,
                               const SummaryOptions& options, CustomerSummary* summary,
                               SummaryCounts* counts) {
  PurchaseTotals& totals = summary->totals;
  int64_t sold = 0, refunded = 0;
  int64_t period = -1;         // of the last purchase, counted from the first
  int64_t period_revenue = 0;  // of a repeat period
  bool fits = true;
  const auto add = [&fits](int64_t* sum, int64_t amount) {
    fits = !__builtin_add_overflow(*sum, amount, sum) && fits;
  };
  const auto close_period = [&] {
    totals.paid_repeats += period_revenue > 0 ? 1 : 0;
    add(&totals.repeat_revenue, period_revenue);
    period_revenue = 0;
  };
  for (const Deal& deal : deals) {
    if (amounts && deal.amount < 0) {
      ++counts->refunds;
      Count(-deal.amount, &counts->refunded);
      if (deal.day <= options.end_day) add(&refunded, -deal.amount);
      continue;
    }
    if (deal.day > options.holdout_day) {
      ++counts->after;
      continue;
    }
    if (totals.periods == 0 && deal.day > options.end_day) {
      ++counts->held_out;  // of somebody who was no customer yet
      continue;
    }
    if (totals.periods == 0) totals.first_day = totals.last_day = deal.day;
    const int64_t now = (deal.day - totals.first_day) / options.period_days;
    const bool opens = now != period;
    period = now;
    if (opens && now > 0 && options.repeat_days) summary->repeat_days.push_back(deal.day);
    if (deal.day > options.end_day) {
      ++counts->held_out;
      summary->holdout_frequency += opens ? 1 : 0;
      add(&summary->holdout_spend, deal.amount);
      continue;
    }
    ++counts->purchases;
    counts->free += amounts && deal.amount == 0 ? 1 : 0;
    add(&sold, deal.amount);
    if (opens) {
      close_period();
      if (totals.periods > 0) summary->log_intervals += LogOfDays(deal.day - totals.last_day);
      ++totals.periods;
      totals.last_day = deal.day;
    }
    if (now > 0) add(&period_revenue, deal.amount);
  }
  close_period();
  Count(sold, &counts->sold);
  if (!fits) {
    return absl::OutOfRangeError(
        "the amounts add up to more than money holds (9.2e12); are they in the right unit?");
  }
  if (totals.periods == 0) {
    ++counts->customers_without;
    return false;
  }
  ++counts->customers;
  summary->observation = Observe(totals, static_cast<double>(options.end_day - totals.first_day));
  summary->observation.log_intervals = summary->log_intervals;
  if (options.refunds == RefundRule::kNet) summary->observation.kept = KeptShare(sold, refunded);
  return true;
}

}  // namespace tenure::transactions
