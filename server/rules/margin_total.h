// The feature margin_total, the same for customers and for the cases of rule tests.
#ifndef TENURE_SERVER_RULES_MARGIN_TOTAL_H_
#define TENURE_SERVER_RULES_MARGIN_TOTAL_H_

#include <cstdint>
#include <optional>

#include "server/base/money.h"

namespace tenure::rules {

// Purchases less refunds.
struct MoneyTotals {
  int64_t revenue = 0;
  int64_t margin = 0;              // of those whose margin is known
  int64_t revenue_of_unknown = 0;  // of the others
};

// In units of the currency. Where a margin is unknown `rate` of its revenue stands for it; missing
// without a rate. Thread-safe.
inline std::optional<double> MarginTotal(const MoneyTotals& totals,
                                         const std::optional<double>& rate) {
  if (totals.revenue_of_unknown != 0 && !rate.has_value()) return std::nullopt;
  return UnitsFromMicros(totals.margin) +
         rate.value_or(0) * UnitsFromMicros(totals.revenue_of_unknown);
}

}  // namespace tenure::rules

#endif  // TENURE_SERVER_RULES_MARGIN_TOTAL_H_
