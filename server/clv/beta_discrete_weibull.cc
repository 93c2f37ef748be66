#include "server/clv/beta_discrete_weibull.h"

#include <cmath>

#include "server/clv/beta_mean.h"
#include "server/clv/rising.h"

namespace tenure::clv {
namespace {

constexpr size_t kSize = 3;

// ln S(t) and its derivatives by (α, β, c).
struct LogSurvival {
  double value = 0;
  double gradient[kSize] = {};
  double hessian[kSize][kSize] = {};
};

LogSurvival LogSurvivalAt(double t, double alpha, double beta, double c) {
  LogSurvival s;
  if (t <= 0) return s;
  const double u = std::pow(t, c);
  const double log_t = std::log(t);
  const double u_c = u * log_t;
  const double u_cc = u_c * log_t;
  const Rising b = GammaDerivatives(beta);
  const Rising ab = GammaDerivatives(alpha + beta);
  const Rising bu = GammaDerivatives(beta + u);
  const Rising abu = GammaDerivatives(alpha + beta + u);
  const double by_u = bu.d1 - abu.d1;
  s.value = LogBetaSurvival(alpha, beta, u);
  s.gradient[0] = ab.d1 - abu.d1;
  s.gradient[1] = by_u + ab.d1 - b.d1;
  s.gradient[2] = by_u * u_c;
  s.hessian[0][0] = ab.d2 - abu.d2;
  s.hessian[0][1] = s.hessian[1][0] = ab.d2 - abu.d2;
  s.hessian[0][2] = s.hessian[2][0] = -abu.d2 * u_c;
  s.hessian[1][1] = bu.d2 - abu.d2 + ab.d2 - b.d2;
  s.hessian[1][2] = s.hessian[2][1] = (bu.d2 - abu.d2) * u_c;
  s.hessian[2][2] = (bu.d2 - abu.d2) * u_c * u_c + by_u * u_cc;
  return s;
}

}  // namespace

Evaluation BetaDiscreteWeibullLogLikelihood(const std::vector<RenewalTally>& tally,
                                            const Vector& parameters) {
  const auto [alpha, beta, c, unused] = parameters;
  Evaluation sum;
  LogSurvival before;
  for (size_t t = 1; t <= tally.size(); ++t) {
    const LogSurvival after = LogSurvivalAt(static_cast<double>(t), alpha, beta, c);
    const auto [renewed, lost] = tally[t - 1];
    // With d = ln S(t−1) − ln S(t), ln r = −d and ln(1 − r) = ln(1 − e^(−d)).
    const double d = before.value - after.value;
    const double slope = lost > 0 ? lost / std::expm1(d) : 0;  // of the lost's term by d
    const double bend = lost > 0 ? -slope * (1 + 1 / std::expm1(d)) : 0;
    sum.value += (lost > 0 ? lost * std::log(-std::expm1(-d)) : 0) - renewed * d;
    for (size_t i = 0; i < kSize; ++i) {
      const double d_i = before.gradient[i] - after.gradient[i];
      sum.gradient[i] += (slope - renewed) * d_i;
      for (size_t j = 0; j < kSize; ++j) {
        const double d_j = before.gradient[j] - after.gradient[j];
        sum.hessian[i][j] +=
            (slope - renewed) * (before.hessian[i][j] - after.hessian[i][j]) + bend * d_i * d_j;
      }
    }
    before = after;
  }
  return sum;
}

}  // namespace tenure::clv
