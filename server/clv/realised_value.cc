#include "server/clv/realised_value.h"

#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>

namespace tenure::clv {
namespace {

namespace math = boost::math;
// Six digits are plenty for an interval's end, and nothing throws.
using Quick = math::policies::policy<math::policies::digits10<6>,
                                     math::policies::domain_error<math::policies::ignore_error>,
                                     math::policies::overflow_error<math::policies::ignore_error>,
                                     math::policies::evaluation_error<math::policies::ignore_error>,
                                     math::policies::promote_double<false>>;

constexpr double kTail = 0.025;
constexpr double kLeastShape = 2.1;

}  // namespace

SpendMoments SpendMoments::Of(const GammaGamma& model, double frequency, double mean_spend) {
  // ν | data ~ Gamma(q + p x, v + x m), Z | ν ~ Gamma(p, ν).
  const double shape = std::max(model.q + model.p * frequency, kLeastShape);
  SpendMoments moments;
  moments.mean = model.ExpectedSpend(frequency, mean_spend);
  moments.product = moments.mean * moments.mean * (shape - 1) / (shape - 2);
  moments.square = moments.product * (model.p + 1) / model.p;
  return moments;
}

RealisedValue RealisedInterval(double p_alive, double log_no_purchase, const Outlook& outlook,
                               const SpendMoments& spend) {
  const double buys = -p_alive * std::expm1(log_no_purchase);
  if (!(buys > kTail)) return {0, 0};
  const double mean = p_alive * outlook.value * spend.mean / buys;
  const double square =
      p_alive * (outlook.squares * spend.square + outlook.pairs * spend.product) / buys;
  const double variance = std::max(square - mean * mean, 1e-12 * mean * mean);
  const double shape = mean * mean / variance;
  const double scale = variance / mean;
  RealisedValue realised{0, 0};
  const double nothing = 1 - buys;
  if (nothing < kTail) {
    realised.low = scale * math::gamma_p_inv(shape, (kTail - nothing) / buys, Quick());
  }
  realised.high = scale * math::gamma_q_inv(shape, kTail / buys, Quick());
  return realised;
}

}  // namespace tenure::clv
