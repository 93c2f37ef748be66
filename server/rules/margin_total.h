// The feature margin_total, the same for customers and for the cases of rule tests.
#ifndef TENURE_SERVER_RULES_MARGIN_TOTAL_H_
#define TENURE_SERVER_RULES_MARGIN_TOTAL_H_

#include <cstdint>
#include <optional>

#include "server/base/money.h"

namespace tenure::rules {

// In micros.
struct MoneyTotals {
  int64_t revenue = 0;            // purchases less refunds
  int64_t margin = 0;             // of those whose margin is known
  int64_t unknown = 0;            // revenue of purchases whose margin is not known, but for:
  int64_t by_category = 0;        // that of those whose category has a rate,
  double margin_by_category = 0;  // and its margin by those rates
  int64_t refunded_unknown = 0;   // revenue of refunds whose margin is not known
};

// In units of the currency. Where a margin is unknown, a purchase of a category with a rate has
// that, another one `rate`; refunds take off the same share of all of these, since they name no
// category. Missing where `rate` is needed and not there. Thread-safe.
inline std::optional<double> MarginTotal(const MoneyTotals& totals,
                                         const std::optional<double>& rate) {
  const double known = UnitsFromMicros(totals.margin);
  if (totals.by_category <= 0) {
    const int64_t left = totals.unknown - totals.refunded_unknown;
    if (left != 0 && !rate.has_value()) return std::nullopt;
    return known + rate.value_or(0) * UnitsFromMicros(left);
  }
  if (totals.unknown != 0 && !rate.has_value()) return std::nullopt;
  const double bought = totals.margin_by_category / static_cast<double>(kMicrosPerUnit) +
                        rate.value_or(0) * UnitsFromMicros(totals.unknown);
  const auto sold = static_cast<double>(totals.unknown + totals.by_category);
  const double kept = sold > 0 ? 1 - static_cast<double>(totals.refunded_unknown) / sold : 1;
  return known + bought * kept;
}

}  // namespace tenure::rules

#endif  // TENURE_SERVER_RULES_MARGIN_TOTAL_H_
