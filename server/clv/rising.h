// Logs of rising factorials, the terms that every likelihood here has in common.
#ifndef TENURE_SERVER_CLV_RISING_H_
#define TENURE_SERVER_CLV_RISING_H_

namespace tenure::clv {

// A log of gamma functions of c and its first two derivatives by c.
struct Rising {
  double log;
  double d1;
  double d2;
};

// ln Γ(c + n) − ln Γ(c), c > 0, n >= 0. A product for small whole n, so that a large c doesn't
// cancel; differences of Boost.Math's functions otherwise. Thread-safe.
Rising LogRising(double c, double n);
// The value alone.
double LogRisingValue(double c, double n);

// ln Γ(c), digamma, trigamma.
Rising GammaDerivatives(double c);
double LogGamma(double c);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_RISING_H_
