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

RealisedValue RealisedInterval(double nothing, double mean, double variance) {
  const double something = 1 - nothing;
  if (!(something > kTail) || !(mean > 0)) return {0, 0};
  // Of those who bring something; over the mean, whose square may underflow.
  const double average = mean / something;
  const double spread = std::max((variance / mean / mean + 1) * something - 1, 1e-12);
  const double shape = 1 / spread;
  const double scale = average * spread;
  RealisedValue realised{0, 0};
  if (nothing < kTail) {
    realised.low = scale * math::gamma_p_inv(shape, (kTail - nothing) / something, Quick());
  }
  realised.high = scale * math::gamma_q_inv(shape, kTail / something, Quick());
  return realised;
}

}  // namespace tenure::clv
