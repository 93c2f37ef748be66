// Sums of Chebyshev polynomials: interpolants of what models say of the future.
#ifndef TENURE_SERVER_CLV_CHEBYSHEV_H_
#define TENURE_SERVER_CLV_CHEBYSHEV_H_

#include <cstddef>

namespace tenure::clv {

// What the integrals of an Outlook err by, relative: an interpolant need not be nearer than that.
inline constexpr double kIntegralPrecision = 1e-7;

// Σ c_k T_k(t) for t in [−1, 1], at least one coefficient: Clenshaw's recurrence.
template <typename Coefficients>
double ChebyshevSum(const Coefficients& coefficients, double t) {
  double one = 0, two = 0;
  for (size_t k = coefficients.size() - 1; k > 0; --k) {
    const double next = coefficients[k] + 2 * t * one - two;
    two = one;
    one = next;
  }
  return coefficients[0] + t * one - two;
}

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_CHEBYSHEV_H_
