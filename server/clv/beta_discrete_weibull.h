// BdW, the beta-discrete-Weibull (Fader, Hardie, Liu, Davin, Steenburgh 2018): of a customer with
// θ ~ Beta(α, β) the chance to renew t times is (1 − θ)^(t^c), so that the risk to leave may rise
// (c > 1) or fall (c < 1) with tenure; c = 1 is sBG.
#ifndef TENURE_SERVER_CLV_BETA_DISCRETE_WEIBULL_H_
#define TENURE_SERVER_CLV_BETA_DISCRETE_WEIBULL_H_

#include <vector>

#include "server/clv/evaluation.h"
#include "server/clv/retention_cohort.h"

namespace tenure::clv {

// Log-likelihood at (α, β, c), derivatives by them: Σ_t lost ln(1 − r(t)) + renewed ln r(t) with
// r(t) = S(t)/S(t − 1), equation 12, of S, equation 10. Thread-safe.
Evaluation BetaDiscreteWeibullLogLikelihood(const std::vector<RenewalTally>& tally,
                                            const Vector& parameters);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_BETA_DISCRETE_WEIBULL_H_
