#include "server/clv/dropout_means.h"

#include <cmath>
#include <cstddef>
#include <initializer_list>

#include "server/clv/instructions.h"
#include "server/clv/lanes.h"

namespace tenure::clv {
namespace {

constexpr double kNoWeight = 1e-60;

struct Power {
  double shape, y;
  bool is_count;
};

double LogDensity(const LogitRule& rule, double w) {
  const double small = std::log1p(std::exp(-std::abs(w)));
  return w > 0 ? -rule.a * small - rule.b * (w + small) : rule.a * (w - small) - rule.b * small;
}

// Weights fall from the mode on: the first lane that is the last point takes the rest of the sum,
// and those after it nothing. False while there is none.
TENURE_INLINE bool EndAt(const Lanes& beyond, double tail, double step, Lanes* weight) {
  if (!(beyond[kLanes - 1] > 0 || (*weight)[kLanes - 1] < kNoWeight)) return false;
  bool is_over = false;
  for (size_t j = 0; j < kLanes; ++j) {
    if (is_over) {
      (*weight)[j] = 0;
    } else if (beyond[j] > 0 || (*weight)[j] < kNoWeight) {
      (*weight)[j] /= -std::expm1(-tail * step);
      is_over = true;
    }
  }
  return true;
}

TENURE_INLINE void MeanLoop(const LogitRule& rule, const Power& power, double peak, double* mean) {
  const Lanes number = {0, 1, 2, 3, 4, 5, 6, 7};
  Lanes total{}, sum{};
  for (const double direction : {-1.0, 1.0}) {
    const double tail = direction < 0 ? rule.a : rule.b;
    const double edge = direction < 0 ? rule.left_edge : rule.right_edge;
    bool is_over = false;
    for (double k = direction < 0 ? 0 : 1; !is_over; k += kLanes) {
      const Lanes w = rule.mode + (direction * rule.step) * (k + number);
      const Lanes less = Exp(-Magnitude(w));
      const Lanes small = Log1p(less);
      Lanes weight = Exp(-rule.a * (small + Larger(-w, Lanes{})) -
                         rule.b * (small + Larger(w, Lanes{})) - peak);
      is_over = EndAt(direction * w - edge, tail, rule.step, &weight);
      const Lanes p = Choose(IsNegative(w), less, AllLanes(1)) / (1 + less);
      const Lanes fall = -power.shape * Log1p(p * power.y);
      total += weight;
      sum += weight * (power.is_count ? -Expm1(fall) / p : Exp(fall));
    }
  }
  *mean = SumOf(sum) / SumOf(total);
}

TENURE_FOR_ALL_INSTRUCTIONS(Mean,
                            (const LogitRule& rule, const Power& power, double peak, double* mean),
                            (rule, power, peak, mean))

double MeanOf(const LogitRule& rule, const Power& power) {
  double mean = 0;
  Mean(rule, power, LogDensity(rule, rule.mode), &mean);
  return mean;
}

}  // namespace

double MeanStay(const LogitRule& rule, double shape, double y) {
  return MeanOf(rule, {shape, y, false});
}

double MeanCount(const LogitRule& rule, double shape, double y) {
  return MeanOf(rule, {shape, y, true});
}

}  // namespace tenure::clv
