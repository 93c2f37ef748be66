#include "server/clv/rising.h"

#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>
#include <cmath>

namespace tenure::clv {
namespace {

namespace math = boost::math;
// Errors come back as infinities and NaN: nothing throws.
using Quiet = math::policies::policy<math::policies::domain_error<math::policies::ignore_error>,
                                     math::policies::pole_error<math::policies::ignore_error>,
                                     math::policies::overflow_error<math::policies::ignore_error>,
                                     math::policies::evaluation_error<math::policies::ignore_error>,
                                     math::policies::promote_double<false>>;
constexpr double kProductLimit = 100;

bool UseProduct(double n) { return n <= kProductLimit && n == std::floor(n); }

}  // namespace

double LogRisingValue(double c, double n) {
  if (!UseProduct(n)) return math::lgamma(c + n, Quiet()) - math::lgamma(c, Quiet());
  double log = 0;
  double product = 1;
  for (int j = 0; j < static_cast<int>(n); ++j) {
    product *= c + j;
    if (product > 1e200 || product < 1e-200) {
      log += std::log(product);
      product = 1;
    }
  }
  return log + std::log(product);
}

Rising LogRising(double c, double n) {
  Rising rising{LogRisingValue(c, n), 0, 0};
  if (UseProduct(n)) {
    for (int j = 0; j < static_cast<int>(n); ++j) {
      const double inverse = 1 / (c + j);
      rising.d1 += inverse;
      rising.d2 -= inverse * inverse;
    }
    return rising;
  }
  rising.d1 = math::digamma(c + n, Quiet()) - math::digamma(c, Quiet());
  rising.d2 = math::trigamma(c + n, Quiet()) - math::trigamma(c, Quiet());
  return rising;
}

Rising GammaDerivatives(double c) {
  return {math::lgamma(c, Quiet()), math::digamma(c, Quiet()), math::trigamma(c, Quiet())};
}

double LogGamma(double c) { return math::lgamma(c, Quiet()); }

}  // namespace tenure::clv
