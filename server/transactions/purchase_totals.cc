#include "server/transactions/purchase_totals.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "server/base/money.h"

namespace tenure::transactions {

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

double MeanSpend(const PurchaseTotals& totals) {
  if (totals.paid_repeats == 0) return kNan;
  // A mean of whole micros is the double nearest to it, as it would be read from a file.
  if (totals.repeat_revenue % totals.paid_repeats == 0) {
    return UnitsFromMicros(totals.repeat_revenue / totals.paid_repeats);
  }
  return UnitsFromMicros(totals.repeat_revenue) / static_cast<double>(totals.paid_repeats);
}

}  // namespace

clv::Observation Observe(const PurchaseTotals& totals, double age_days) {
  if (totals.periods == 0) return {0, 0, kNan, kNan};
  clv::Observation result;
  result.frequency = static_cast<double>(totals.periods - 1);
  result.recency_days = static_cast<double>(totals.last_day - totals.first_day);
  result.age_days = age_days;
  result.mean_spend = MeanSpend(totals);
  return result;
}

double LogOfDays(int64_t days) {
  constexpr size_t kLogs = 1'024;  // nearly all intervals are shorter
  static const std::array<double, kLogs>* const logs = [] {
    auto* table = new std::array<double, kLogs>{};
    for (size_t i = 1; i < kLogs; ++i) (*table)[i] = std::log(static_cast<double>(i));
    return table;
  }();
  const auto index = static_cast<size_t>(days);
  return index < kLogs ? (*logs)[index] : std::log(static_cast<double>(days));
}

double KeptShare(int64_t sold, int64_t refunded) {
  if (sold <= 0 || refunded == 0) return 1;
  const double kept = 1 - static_cast<double>(refunded) / static_cast<double>(sold);
  return std::clamp(kept, 0.0, 1.0);
}

}  // namespace tenure::transactions
