#include "server/clv/beta_mean.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "server/clv/rising.h"

namespace tenure::clv {
namespace {

constexpr double kMostFactors = 64;    // as a product
constexpr double kLargeArgument = 20;  // of Γ, from where its asymptotic series has 15 digits

// ln Γ(z) − (z − ½) ln z + z − ln √(2π), z >= kLargeArgument.
double StirlingRest(double z) {
  const double square = 1 / (z * z);
  return (1. / 12 - square * (1. / 360 - square * (1. / 1260 - square * (1. / 1680)))) / z;
}

// ln Γ(z + step) − ln Γ(z); differences of large logs of Γ would lose what is asked for.
double LogGammaStep(double z, double step) {
  double log = 0;
  for (; z < kLargeArgument; z += 1) log += std::log(z / (z + step));
  return log + (z + step - 0.5) * std::log1p(step / z) + step * (std::log(z) - 1) +
         (StirlingRest(z + step) - StirlingRest(z));
}

}  // namespace

double LogBetaSurvival(double a, double b, double k) {
  if (k <= kMostFactors && k == std::floor(k)) {
    double log = 0;
    for (double c = b; c < b + k; ++c) {
      log += a < c ? std::log1p(-a / (a + c)) : std::log(c / (a + c));
    }
    return log;
  }
  return LogGammaStep(b, a) - LogGammaStep(b + k, a);
}

double BetaSurvival(double a, double b, double k) { return std::exp(LogBetaSurvival(a, b, k)); }

double BetaDiscountedLifetime(double a, double b, double rate) {
  if (rate <= 0) {
    return a > 1 ? (a + b - 1) / (a - 1) : std::numeric_limits<double>::infinity();
  }
  // With w = logit θ, u = 1 − e^(−rate): the integrand is (1 + e^w)/(u + e^w), whose poles are π
  // away from the real line, and the density is e^(a w) (1 + e^w)^(−a−b).
  const double u = -std::expm1(-rate);
  const double log_u = std::log(u);
  const double step = std::min(0.25, 0.6 * std::sqrt((a + b) / (a * b)));
  const double mode = std::log(a / b);
  const auto log_density = [a, b](double w) {
    const double small = std::log1p(std::exp(-std::abs(w)));
    return w > 0 ? -a * small - b * (w + small) : a * (w - small) - b * small;
  };
  const double peak = log_density(mode);
  double total = 0;
  double sum = 0;
  for (const int direction : {-1, 1}) {
    const double tail = direction < 0 ? a : b;
    // Beyond it the integrand is constant and the density a power: the rest is a geometric series.
    const double flat =
        direction < 0 ? std::min(log_u, -std::log(a + b + 1)) - 42 : std::log(a + b + 1) + 42;
    for (int k = direction < 0 ? 0 : 1;; ++k) {
      const double w = mode + direction * k * step;
      double weight = std::exp(log_density(w) - peak);
      const bool last = (direction < 0 ? w < flat : w > flat) || weight < 1e-60;
      if (last) weight /= -std::expm1(-tail * step);
      const double value = w > 0 ? (std::exp(-w) + 1) / (u * std::exp(-w) + 1)
                                 : (1 + std::exp(w)) / (u + std::exp(w));
      total += weight;
      sum += weight * value;
      if (last) break;
    }
  }
  return sum / total;
}

}  // namespace tenure::clv
