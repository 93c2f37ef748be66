// sBG, the shifted beta-geometric (Fader, Hardie 2007): at each renewal a customer leaves with a
// probability θ ~ Beta(α, β) of their own. Its curve is RetentionCurve with c = 1.
#ifndef TENURE_SERVER_CLV_SHIFTED_BETA_GEOMETRIC_H_
#define TENURE_SERVER_CLV_SHIFTED_BETA_GEOMETRIC_H_

#include <vector>

#include "server/clv/evaluation.h"
#include "server/clv/retention_cohort.h"

namespace tenure::clv {

// Log-likelihood at (α, β), derivatives by them: Σ_t lost ln(1 − r(t)) + renewed ln r(t) with
// r(t) = (β+t−1)/(α+β+t−1), equation 8. Of one cohort that is equation B3, its products of r taken
// apart. Thread-safe.
Evaluation ShiftedBetaGeometricLogLikelihood(const std::vector<RenewalTally>& tally,
                                             const Vector& parameters);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_SHIFTED_BETA_GEOMETRIC_H_
