#include "server/clv/shifted_beta_geometric.h"

#include <cmath>

namespace tenure::clv {

Evaluation ShiftedBetaGeometricLogLikelihood(const std::vector<RenewalTally>& tally,
                                             const Vector& parameters) {
  const auto [alpha, beta, unused1, unused2] = parameters;
  Evaluation sum;
  double periods = 0;
  for (const auto& [renewed, lost] : tally) {
    const double stay = beta + periods++;
    const double all = alpha + stay;
    const double decided = renewed + lost;
    sum.value += (lost > 0 ? lost * std::log(alpha / all) : 0) +
                 (renewed > 0 ? renewed * std::log(stay / all) : 0);
    sum.gradient[0] += lost / alpha - decided / all;
    sum.gradient[1] += renewed / stay - decided / all;
    const double both = decided / (all * all);
    sum.hessian[0][0] += both - lost / (alpha * alpha);
    sum.hessian[0][1] += both;
    sum.hessian[1][1] += both - renewed / (stay * stay);
  }
  sum.hessian[1][0] = sum.hessian[0][1];
  return sum;
}

}  // namespace tenure::clv
