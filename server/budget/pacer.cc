#include "server/budget/pacer.h"

#include <algorithm>
#include <cmath>

#include "server/base/hash.h"

namespace tenure::budget {
namespace {

constexpr double kMostPieces = 50;
constexpr double kFewestPieces = 5;
constexpr double kHoldsAPiece = 20;
constexpr double kLargestStep = 0.6931471805599453;  // log 2

double Gain(const PaceMeasure& measure) {
  if (measure.typical_hold_micros <= 0) return kFewestPieces;
  return std::clamp(measure.limit_micros / (measure.typical_hold_micros * kHoldsAPiece),
                    kFewestPieces, kMostPieces);
}

}  // namespace

Pace PaceAt(double pressure, bool priced) {
  static const double kMaxPrice = std::log(kMaxPriceFactor);
  static const double kMaxThrottle = -std::log(kMinPassShare);
  const double by_price = priced ? kMaxPrice : 0;
  Pace pace;
  pace.pressure = std::clamp(pressure, -by_price, by_price + kMaxThrottle);
  // The ends exactly, whatever exp says.
  pace.factor = pace.pressure >= by_price    ? (priced ? kMaxPriceFactor : 1)
                : pace.pressure <= -by_price ? 1 / kMaxPriceFactor
                                             : std::exp(pace.pressure);
  pace.pass_share = pace.pressure <= by_price                  ? 1
                    : pace.pressure >= by_price + kMaxThrottle ? kMinPassShare
                                                               : std::exp(by_price - pace.pressure);
  return pace;
}

Pace Correct(const Pace& pace, const PaceMeasure& measure, bool priced) {
  // An envelope without money lets nothing through anyway.
  if (measure.limit_micros <= 0) return PaceAt(pace.pressure, priced);
  const double beyond = (measure.spent_micros - measure.target_micros) / measure.limit_micros;
  const double step = std::clamp(Gain(measure) * beyond, -kLargestStep, kLargestStep);
  return PaceAt(pace.pressure + step, priced);
}

bool Passes(double pass_share, uint64_t customer_hash, int64_t day) {
  if (pass_share >= 1) return true;
  const uint64_t drawn = CombineHash(customer_hash, static_cast<uint64_t>(day));
  return static_cast<double>(drawn >> 11) * 0x1.0p-53 < pass_share;
}

}  // namespace tenure::budget
