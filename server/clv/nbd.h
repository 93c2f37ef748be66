// The NBD model: purchases at rates λ ~ Gamma(r, α), and nobody drops out. The likelihood is of the
// purchase times, so that it can be compared with BG/NBD's. Sources: the mixture, Ehrenberg 1959
// (The pattern of consumer purchases, Applied Statistics 8(1)); this form, Fader, Hardie, Lee 2005,
// equation 6 with p = 0, whose second term is then 0 and whose ratios of beta functions are 1.
#ifndef TENURE_SERVER_CLV_NBD_H_
#define TENURE_SERVER_CLV_NBD_H_

#include "server/clv/evaluation.h"
#include "server/clv/summary.h"

namespace tenure::clv {

// Log-likelihood of the summary's rows (scaled times) at (r, α), derivatives by r and α:
//   L = Γ(r+x)/Γ(r) α^r (α+T)^−(r+x).
// Thread-safe.
Evaluation NbdLogLikelihood(const Summary& summary, const Vector& parameters);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_NBD_H_
