#include "server/clv/retention_curve.h"

#include <algorithm>
#include <boost/math/quadrature/gauss.hpp>
#include <cmath>
#include <limits>

#include "server/clv/beta_mean.h"

namespace tenure::clv {
namespace {

constexpr int kSummed = 1'000;  // terms, before the rest becomes an integral
constexpr double kNothing = 1e-18;
constexpr double kPowerLaw = 1e13;  // from this t^c on the curve is a power of t
constexpr double kFarthest = 1e300;

}  // namespace

double RetentionCurve::LogSurvival(double t) const {
  if (t <= 0) return 0;
  return LogBetaSurvival(alpha, beta, c == 1 ? t : std::pow(t, c));
}

double RetentionCurve::Survival(double t) const { return std::exp(LogSurvival(t)); }

double RetentionCurve::Retention(double t) const { return Survival(t - 1, 1); }

double RetentionCurve::Survival(double renewals, double more) const {
  if (c == 1) return BetaSurvival(alpha, beta + renewals, more);
  return std::exp(LogSurvival(renewals + more) - LogSurvival(renewals));
}

double RetentionCurve::ResidualLifetime(double renewals, double rate) const {
  // The first factor is the next renewal's; after it the same sum of one with a renewal more.
  const double b = beta + renewals;
  if (c == 1) return b / (alpha + b) * BetaDiscountedLifetime(alpha, b + 1, rate);
  if (rate <= 0 && c * alpha <= 1) return std::numeric_limits<double>::infinity();
  const double log_now = LogSurvival(renewals);
  const auto term = [&](double j) {
    return std::exp(LogSurvival(renewals + j) - log_now - rate * (j - 1));
  };
  double sum = 0;
  for (int j = 1; j <= kSummed; ++j) {
    const double each = term(j);
    sum += each;
    if (each < kNothing * sum) return sum;
  }
  // Euler and Maclaurin about the middle: ∫ + f'/24.
  sum += (term(kSummed + 1) - term(kSummed)) / 24;
  double from = kSummed + 0.5;
  while (true) {
    const double to = rate > 0 ? std::min(2 * from, from + 4 / rate) : 2 * from;
    const double panel = boost::math::quadrature::gauss<double, 15>::integrate(term, from, to);
    sum += panel;
    if (panel < kNothing * sum) return sum;
    from = to;
    if (from > kFarthest || (rate <= 0 && std::pow(from, c) > kPowerLaw)) {
      return sum + (rate <= 0 ? from * term(from) / (c * alpha - 1) : 0);
    }
  }
}

}  // namespace tenure::clv
