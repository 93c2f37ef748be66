// Sums of Chebyshev polynomials: interpolants of what models say of the future.
#ifndef TENURE_SERVER_CLV_CHEBYSHEV_H_
#define TENURE_SERVER_CLV_CHEBYSHEV_H_

#include <cmath>
#include <cstddef>
#include <vector>

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

// cos(πj/n): where T_n is 1 or −1.
inline double ChebyshevExtremum(size_t j, size_t n) {
  constexpr double kPi = 3.14159265358979323846;
  return std::cos(kPi * static_cast<double>(j) / static_cast<double>(n));
}

// Of the interpolant through values at the n + 1 extrema, n >= 1.
inline std::vector<double> ChebyshevCoefficients(const std::vector<double>& values) {
  const size_t n = values.size() - 1;
  std::vector<double> coefficients(n + 1, 0.0);
  for (size_t k = 0; k <= n; ++k) {
    double sum = 0;
    for (size_t j = 0; j <= n; ++j) {
      const double half = j == 0 || j == n ? 0.5 : 1;
      sum += half * values[j] * ChebyshevExtremum((k * j) % (2 * n), n);
    }
    coefficients[k] = (k == 0 || k == n ? 1 : 2) * sum / static_cast<double>(n);
  }
  return coefficients;
}

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_CHEBYSHEV_H_
