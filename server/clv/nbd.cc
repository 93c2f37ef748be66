#include "server/clv/nbd.h"

#include <cmath>

#include "server/clv/rising.h"

namespace tenure::clv {

Evaluation NbdLogLikelihood(const Summary& summary, const Vector& parameters) {
  const double r = parameters[0];
  const double alpha = parameters[1];
  Evaluation sum;
  Rising rising{};
  double rising_of = -1;
  for (const PurchaseRow& row : summary.rows()) {
    const double x = row.frequency;
    if (x != rising_of) {
      rising = LogRising(r, x);
      rising_of = x;
    }
    const double w = row.weight;
    const double end = 1 / (alpha + row.age);
    const double log_end = std::log1p(row.age / alpha);
    sum.value += w * (rising.log - x * std::log(alpha) - (r + x) * log_end);
    sum.gradient[0] += w * (rising.d1 - log_end);
    sum.gradient[1] += w * (r / alpha - (r + x) * end);
    sum.hessian[0][0] += w * rising.d2;
    sum.hessian[0][1] += w * (1 / alpha - end);
    sum.hessian[1][1] += w * ((r + x) * end * end - r / (alpha * alpha));
  }
  sum.hessian[1][0] = sum.hessian[0][1];
  return sum;
}

}  // namespace tenure::clv
