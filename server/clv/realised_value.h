// The interval of what one customer will really bring, given the parameters: mostly nothing or a
// few orders, so no normal approximation.
#ifndef TENURE_SERVER_CLV_REALISED_VALUE_H_
#define TENURE_SERVER_CLV_REALISED_VALUE_H_

#include "server/clv/gamma_gamma.h"

namespace tenure::clv {

// One customer's spend on a purchase, over what is not known about them.
struct SpendMoments {
  double mean = 1;     // E[Z]
  double square = 1;   // E[Z²]
  double product = 1;  // E[Z_i Z_j], i ≠ j: purchases share the customer's taste

  // Given the mean spend of `frequency` purchases (0: unknown). Where q + p x <= 2.1 the variance
  // doesn't exist or nearly so; it is then that of 2.1 at the same mean.
  static SpendMoments Of(const GammaGamma& model, double frequency, double mean_spend);
};

struct RealisedValue {
  double low;   // 2.5 % point
  double high;  // 97.5 % point
};

// Nothing with the probability `nothing`, else Gamma-distributed, so that mean and variance of both
// together are as given; both ends are 0 where the mean is. Thread-safe, no allocation.
RealisedValue RealisedInterval(double nothing, double mean, double variance);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_REALISED_VALUE_H_
