#include "server/clv/future_panels.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "server/clv/chebyshev.h"
#include "server/clv/place_once.h"

namespace tenure::clv {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kPrecision = kIntegralPrecision / 2;  // only three points are looked at
// Panels of ln(1 + age / scale): singularities are π away, so that seven points of a quarter on
// either side leave about (4π)^−7.
constexpr double kHalf = 0.25;

}  // namespace

FuturePanels::FuturePanels(double window, double horizon, double discount_rate)
    : window_(window), horizon_(horizon), discount_rate_(discount_rate) {}

FuturePanels::~FuturePanels() {
  for (const std::atomic<Row*>& row : rows_) {
    const std::unique_ptr<Row> owned(row.load(std::memory_order_acquire));
    if (owned == nullptr) continue;
    for (const auto& panel : owned->panels) delete panel.load(std::memory_order_acquire);
  }
}

double FuturePanels::Exact(const PurchaseModel& model, const History& history) const {
  return model.ValueIfAlive(history, model.Grid(history, window_, horizon_, discount_rate_));
}

FuturePanels::Panel FuturePanels::Make(const PurchaseModel& model, double frequency,
                                       double middle) const {
  const double scale = model.parameters()[1];
  const auto log_value = [&](double t) {
    const History history{frequency, 0, scale * std::expm1(middle + kHalf * t)};
    const TimeGrid grid = model.Grid(history, window_, horizon_, discount_rate_);
    return std::log(model.OutlookIfAlive(history, grid).value);
  };
  // From the values at Chebyshev's points cos(π(j + 1/2)/n).
  const double n = kNodes;
  Panel panel;
  for (size_t j = 0; j < kNodes; ++j) {
    const double angle = kPi * (static_cast<double>(j) + 0.5) / n;
    const double value = log_value(std::cos(angle));
    for (size_t k = 0; k < kNodes; ++k) {
      panel.coefficients[k] +=
          (k == 0 ? 1 : 2) / n * value * std::cos(angle * static_cast<double>(k));
    }
  }
  double worst = 0;
  for (const double t : {-1.0, 0.2, 0.9}) {
    worst = std::max(worst, std::abs(ChebyshevSum(panel.coefficients, t) - log_value(t)));
  }
  panel.is_usable = worst < kPrecision;  // not where it is NaN either
  return panel;
}

const FuturePanels::Panel& FuturePanels::Find(const PurchaseModel& model, size_t frequency,
                                              size_t panel) const {
  Row* row = rows_[frequency].load(std::memory_order_acquire);
  if (row == nullptr) row = PlaceOnce(std::make_unique<Row>(), &rows_[frequency]);
  const Panel* found = row->panels[panel].load(std::memory_order_acquire);
  if (found != nullptr) return *found;
  const double middle = (2 * static_cast<double>(panel) + 1) * kHalf;
  return *PlaceOnce(
      std::make_unique<const Panel>(Make(model, static_cast<double>(frequency), middle)),
      &row->panels[panel]);
}

double FuturePanels::ValueIfAlive(const PurchaseModel& model, const History& history) const {
  if (!model.FutureIsByAge() || !(history.frequency < kFrequencies)) return Exact(model, history);
  const double at = std::log1p(history.age / model.parameters()[1]) / (2 * kHalf);
  if (!(at < kPanels)) return Exact(model, history);
  const auto index = static_cast<size_t>(at);
  const Panel& panel = Find(model, static_cast<size_t>(history.frequency), index);
  if (!panel.is_usable) return Exact(model, history);
  return std::exp(ChebyshevSum(panel.coefficients, 2 * (at - static_cast<double>(index)) - 1));
}

}  // namespace tenure::clv
