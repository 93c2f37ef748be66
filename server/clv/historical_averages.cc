#include "server/clv/historical_averages.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "server/clv/gamma_gamma.h"

namespace tenure::clv {
namespace {
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
}  // namespace

void HistoricalAverages::Add(double frequency, double age, double mean_spend, double weight) {
  const bool known = frequency > 0 && IsSpend(mean_spend);
  const std::array<double, kSums> own = {known ? frequency * mean_spend : 0, known ? frequency : 0,
                                         frequency, age};
  customers_ += weight;
  for (size_t i = 0; i < kSums; ++i) {
    sums_[i] += weight * own[i];
    for (size_t j = 0; j < kSums; ++j) products_[i * kSums + j] += weight * own[i] * own[j];
  }
}

double HistoricalAverages::AveragePurchase() const {
  return sums_[kSpentOn] > 0 ? sums_[kSpent] / sums_[kSpentOn] : kNone;
}

double HistoricalAverages::PurchasesPerPeriod() const {
  return sums_[kTime] > 0 ? sums_[kPurchases] / sums_[kTime] : kNone;
}

double HistoricalAverages::LogStandardError(bool of_purchase, bool of_frequency) const {
  if (!(customers_ >= 2)) return kNone;
  // d ln(average) = Σ over customers of slope · own: the numerator's sum up, the denominator's
  // down.
  std::array<double, kSums> slope{};
  if (of_purchase) {
    slope[kSpent] = 1 / sums_[kSpent];
    slope[kSpentOn] = -1 / sums_[kSpentOn];
  }
  if (of_frequency) {
    slope[kPurchases] = 1 / sums_[kPurchases];
    slope[kTime] = -1 / sums_[kTime];
  }
  double squares = 0;
  for (size_t i = 0; i < kSums; ++i) {
    for (size_t j = 0; j < kSums; ++j) squares += slope[i] * slope[j] * At(i, j);
  }
  return std::sqrt(std::max(squares, 0.0) * customers_ / (customers_ - 1));
}

}  // namespace tenure::clv
