#include "server/clv/future_curves.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "server/clv/chebyshev.h"
#include "server/clv/place_once.h"

namespace tenure::clv {
namespace {

// Panels of w = ln(1 + y), y = time/rate. Singularities are π away, so that n + 1 points of 1 on
// either side leave about (2π)^−n.
constexpr double kHalf = 1;
constexpr size_t kFirstPoints = 8;
constexpr size_t kMostPoints = 64;
constexpr double kPrecision = 1e-11;
constexpr double kLeft = 1e-13;  // what the coefficients that are cut off may add up to

// Interpolates log_at(w) over a panel; empty where that takes more than kMostPoints.
template <typename LogAt>
std::vector<double> Interpolate(double low, const LogAt& log_at) {
  std::vector<double> values;  // at the extrema cos(πj/n)
  for (size_t n = kFirstPoints; n <= kMostPoints; n *= 2) {
    std::vector<double> finer(n + 1);
    for (size_t j = 0; j <= n; ++j) {
      const bool is_known = !values.empty() && j % 2 == 0;
      finer[j] = is_known ? values[j / 2] : log_at(low + kHalf * (1 + ChebyshevExtremum(j, n)));
      if (!std::isfinite(finer[j])) return {};
    }
    values = std::move(finer);
    std::vector<double> curve = ChebyshevCoefficients(values);
    double left = 0;
    for (size_t k = n - 2; k <= n; ++k) left += std::abs(curve[k]);
    if (!(left < kPrecision)) continue;
    double worst = 0;
    for (const double t : {-0.83, 0.37}) {
      worst = std::max(worst, std::abs(ChebyshevSum(curve, t) - log_at(low + kHalf * (1 + t))));
    }
    if (!(worst < kPrecision)) continue;
    left = 0;
    while (curve.size() > 2 && left + std::abs(curve.back()) < kLeft) {
      left += std::abs(curve.back());
      curve.pop_back();
    }
    return curve;
  }
  return {};
}

}  // namespace

FutureCurves::~FutureCurves() {
  for (const std::atomic<Row*>& row : rows_) {
    const std::unique_ptr<Row> owned(row.load(std::memory_order_acquire));
    if (owned == nullptr) continue;
    for (const auto& panels : owned->curves) {
      for (const auto& curve : panels) delete curve.load(std::memory_order_acquire);
    }
  }
}

const FutureCurves::Curve& FutureCurves::Find(Question question, const AliveProcess& process,
                                              size_t frequency, size_t panel) const {
  Row* row = rows_[frequency].load(std::memory_order_acquire);
  if (row == nullptr) row = PlaceOnce(std::make_unique<Row>(), &rows_[frequency]);
  std::atomic<const Curve*>& place = row->curves[question][panel];
  const Curve* const found = place.load(std::memory_order_acquire);
  if (found != nullptr) return *found;
  AliveProcess unit = process;
  unit.rate = 1;
  const auto log_at = [&](double w) {
    const double y = std::expm1(w);
    if (question == kStay) return std::log(unit.StillThere(y));
    // Its limit is the rate of purchases now.
    return std::log(y > 0 ? unit.ExpectedCount(y) / y : unit.shape);
  };
  const double low = 2 * kHalf * static_cast<double>(panel);
  return *PlaceOnce(std::make_unique<const Curve>(Interpolate(low, log_at)), &place);
}

AliveProcess FutureCurves::AliveFrom(const History& history) const {
  const absl::Span<const double> at = model_.parameters();  // r, α, a, b
  return {at[0] + history.frequency, at[1] + history.age, at[2],
          at[3] + ChancesToLeave(*dropout_, history.frequency)};
}

double FutureCurves::IfAlive(Question question, const History& history, double t) const {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  const double x = history.frequency;
  if (!dropout_.has_value()) return kNone;
  if (!(x >= 0 && x < kFrequencies && x == std::floor(x) && t > 0)) return kNone;
  const AliveProcess process = AliveFrom(history);
  const double y = t / process.rate;
  const double at = std::log1p(y) / (2 * kHalf);
  if (!(at >= 0 && at < kPanels)) return kNone;
  const auto panel = static_cast<size_t>(at);
  const Curve& curve = Find(question, process, static_cast<size_t>(x), panel);
  if (curve.empty()) return kNone;
  const double value = std::exp(ChebyshevSum(curve, 2 * (at - static_cast<double>(panel)) - 1));
  return question == kCount ? y * value : value;
}

double FutureCurves::ExpectedPurchases(const History& history, double t) const {
  const double count = IfAlive(kCount, history, t);
  return std::isnan(count) ? model_.ExpectedPurchases(history, t) : model_.PAlive(history) * count;
}

double FutureCurves::PAliveAfter(const History& history, double t) const {
  const double stay = IfAlive(kStay, history, t);
  return std::isnan(stay) ? model_.PAliveAfter(history, t)
                          : model_.PAlive(history) * std::min(stay, 1.0);
}

}  // namespace tenure::clv
