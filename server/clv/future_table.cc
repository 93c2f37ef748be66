#include "server/clv/future_table.h"

#include <algorithm>
#include <cmath>

namespace tenure::clv {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kPrecision = 1e-7;  // what the integrals themselves have
constexpr size_t kMostFrequency = 4096;
constexpr size_t kFirstNodes = 9;

// Σ c_k T_k(t), Clenshaw's recurrence.
double Evaluate(const std::vector<double>& coefficients, double t) {
  double one = 0, two = 0;
  for (size_t k = coefficients.size() - 1; k > 0; --k) {
    const double next = coefficients[k] + 2 * t * one - two;
    two = one;
    one = next;
  }
  return coefficients[0] + t * one - two;
}

// From values at the extrema cos(πj/n), j = 0 … n.
std::vector<double> Coefficients(const std::vector<double>& values) {
  const size_t n = values.size() - 1;
  std::vector<double> coefficients(n + 1, 0.0);
  for (size_t k = 0; k <= n; ++k) {
    double sum = 0;
    for (size_t j = 0; j <= n; ++j) {
      const double half = j == 0 || j == n ? 0.5 : 1;
      sum += half * values[j] *
             std::cos(kPi * static_cast<double>((k * j) % (2 * n)) / static_cast<double>(n));
    }
    coefficients[k] = (k == 0 || k == n ? 1 : 2) * sum / static_cast<double>(n);
  }
  return coefficients;
}

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
    // A curve costs three dozen evaluations.
    if (ranges[x].rows < 64) continue;
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
      const Future future = exact(std::cos(kPi * static_cast<double>(j) / static_cast<double>(n)));
      counts.push_back(future.count);
      values.push_back(future.value);
    }
    curve.count = Coefficients(counts);
    curve.value = Coefficients(values);
    double worst = 0;
    for (double t : {-0.97, -0.31, 0.44, 0.89}) {
      const Future future = exact(t);
      worst = std::max({worst, std::abs(Evaluate(curve.count, t) - future.count),
                        std::abs(Evaluate(curve.value, t) - future.value)});
    }
    if (worst < kPrecision) return curve;
  }
  return Curve();
}

Future FutureTable::At(const History& history) const {
  const auto x = static_cast<size_t>(history.frequency);
  if (x >= curves_.size() || curves_[x].value.empty()) return Exact(history);
  const Curve& curve = curves_[x];
  const double at = Coordinate(history.age);
  if (!(at >= curve.low && at <= curve.high)) return Exact(history);
  const double t = 2 * (at - curve.low) / (curve.high - curve.low) - 1;
  return {std::exp(Evaluate(curve.count, t)), std::exp(Evaluate(curve.value, t))};
}

}  // namespace tenure::clv
