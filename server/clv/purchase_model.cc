#include "server/clv/purchase_model.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tenure::clv {

double PurchaseModel::PAlive(const History& history) const {
  return 1 / (1 + std::exp(LogOddsDead(history)));
}

double PurchaseModel::SilenceUntil(const History& history, double log_odds) const {
  const auto odds_after = [&](double t) {
    return LogOddsDead({history.frequency, history.recency, history.age + t});
  };
  if (odds_after(0) >= log_odds) return 0;
  double low = 0;
  double high = std::max(history.age, 1e-3);
  while (odds_after(high) < log_odds) {
    low = high;
    high *= 4;
    if (high > 1e12) return std::numeric_limits<double>::infinity();
  }
  while (high - low > 1e-12 * high) {
    const double middle = low + (high - low) / 2;
    (odds_after(middle) < log_odds ? low : high) = middle;
  }
  return low;
}

}  // namespace tenure::clv
