#include "server/clv/future_table.h"

#include <algorithm>
#include <cmath>

#include "server/clv/chebyshev.h"
#include "server/clv/instructions.h"
#include "server/clv/lanes.h"

namespace tenure::clv {
namespace {

constexpr size_t kMostFrequency = 4096;
constexpr size_t kFirstNodes = 9;
constexpr double kLeft = 1e-9;      // what the coefficients that are cut off may add up to
constexpr size_t kFewestRows = 40;  // a curve costs three dozen evaluations

// Both interpolants of a curve: coefficients by power, t = slope · ln(1 + age · over_scale) +
// shift.
struct Interpolants {
  const double* count;
  const double* value;
  size_t size;
  double over_scale, slope, shift;
};

// As ChebyshevSum, of both and of eight customers at once.
TENURE_INLINE void InterpolateLoop(const Interpolants& curve, absl::Span<const History> histories,
                                   Future* futures) {
  for (size_t i = 0; i < histories.size(); i += kLanes) {
    const size_t rows = std::min(histories.size() - i, kLanes);
    Lanes age{};
    for (size_t j = 0; j < rows; ++j) age[j] = histories[i + j].age;
    const Lanes t = curve.slope * Log1p(age * curve.over_scale) + curve.shift;
    const Lanes twice = t + t;
    Lanes count_one{}, count_two{}, value_one{}, value_two{};
    for (size_t k = curve.size - 1; k > 0; --k) {
      const Lanes count = (curve.count[k] - count_two) + twice * count_one;
      const Lanes value = (curve.value[k] - value_two) + twice * value_one;
      count_two = count_one;
      count_one = count;
      value_two = value_one;
      value_one = value;
    }
    const Lanes counts = Exp((curve.count[0] - count_two) + t * count_one);
    const Lanes values = Exp((curve.value[0] - value_two) + t * value_one);
    for (size_t j = 0; j < rows; ++j) futures[i + j] = {counts[j], values[j]};
  }
}

TENURE_FOR_ALL_INSTRUCTIONS(Interpolate,
                            (const Interpolants& curve, absl::Span<const History> histories,
                             Future* futures),
                            (curve, histories, futures))

}  // namespace

FutureTable::FutureTable(const PurchaseModel& model, double window, double horizon,
                         double discount_rate, absl::Span<const History> histories)
    : model_(model), window_(window), horizon_(horizon), discount_rate_(discount_rate) {
  if (!model.FutureIsByAge()) return;
  struct Range {
    double youngest, oldest;
    size_t rows = 0;
  };
  std::vector<Range> ranges;
  for (const History& history : histories) {
    if (!(history.frequency < kMostFrequency)) continue;
    const auto x = static_cast<size_t>(history.frequency);
    if (ranges.size() <= x) ranges.resize(x + 1);
    Range& range = ranges[x];
    if (range.rows++ == 0) range.youngest = range.oldest = history.age;
    range.youngest = std::min(range.youngest, history.age);
    range.oldest = std::max(range.oldest, history.age);
  }
  curves_.resize(ranges.size());
  for (size_t x = 0; x < ranges.size(); ++x) {
    if (ranges[x].rows < kFewestRows) continue;
    curves_[x] = Interpolate(static_cast<double>(x), ranges[x].youngest, ranges[x].oldest);
  }
}

double FutureTable::Coordinate(double age) const {
  return std::log1p(age / model_.parameters()[1]);
}

Future FutureTable::Exact(const History& history) const {
  const Outlook outlook =
      model_.OutlookIfAlive(history, model_.Grid(history, window_, horizon_, discount_rate_));
  return {outlook.count, outlook.value};
}

FutureTable::Curve FutureTable::Interpolate(double frequency, double youngest,
                                            double oldest) const {
  const double scale = model_.parameters()[1];
  Curve curve;
  curve.youngest = youngest;
  curve.oldest = oldest;
  curve.low = Coordinate(youngest);
  curve.high = std::max(Coordinate(oldest), curve.low + 1e-9);
  const auto exact = [&](double t) {
    const double coordinate = curve.low + (curve.high - curve.low) * (t + 1) / 2;
    const Future future = Exact({frequency, 0, scale * std::expm1(coordinate)});
    return Future{std::log(future.count), std::log(future.value)};
  };
  for (size_t n = kFirstNodes - 1; n < kMostNodes; n *= 2) {
    std::vector<double> counts, values;
    for (size_t j = 0; j <= n; ++j) {
      const Future future = exact(ChebyshevExtremum(j, n));
      counts.push_back(future.count);
      values.push_back(future.value);
    }
    curve.count = ChebyshevCoefficients(counts);
    curve.value = ChebyshevCoefficients(values);
    double worst = 0;
    for (double t : {-0.97, -0.31, 0.44, 0.89}) {
      const Future future = exact(t);
      worst = std::max({worst, std::abs(ChebyshevSum(curve.count, t) - future.count),
                        std::abs(ChebyshevSum(curve.value, t) - future.value)});
    }
    if (!(worst < kIntegralPrecision)) continue;
    double left = 0;
    while (curve.value.size() > 2) {
      left += std::max(std::abs(curve.count.back()), std::abs(curve.value.back()));
      if (left > kLeft) break;
      curve.count.pop_back();
      curve.value.pop_back();
    }
    return curve;
  }
  return Curve();
}

void FutureTable::AtAll(absl::Span<const History> histories, absl::Span<Future> futures) const {
  if (histories.empty()) return;
  const double frequency = histories.front().frequency;
  const auto x = static_cast<size_t>(std::min(frequency, double{kMostFrequency}));
  const Curve* const curve =
      x < curves_.size() && !curves_[x].value.empty() ? &curves_[x] : nullptr;
  if (curve != nullptr) {
    const double over_half = 2 / (curve->high - curve->low);
    clv::Interpolate({curve->count.data(), curve->value.data(), curve->value.size(),
                      1 / model_.parameters()[1], over_half, -1 - curve->low * over_half},
                     histories, futures.data());
  }
  for (size_t i = 0; i < histories.size(); ++i) {
    const double age = histories[i].age;
    const bool is_covered = curve != nullptr && age >= curve->youngest && age <= curve->oldest;
    if (!is_covered) futures[i] = Exact(histories[i]);
  }
}

}  // namespace tenure::clv
