// The NBD model: purchases at rates λ ~ Gamma(r, α), and nobody drops out. The likelihood is of the
// purchase times (Ehrenberg 1959 in the form of Fader, Hardie, Lee 2005 with p = 0), so that it can
// be compared with BG/NBD's.
#ifndef TENURE_SERVER_CLV_NBD_H_
#define TENURE_SERVER_CLV_NBD_H_

#include "server/clv/evaluation.h"
#include "server/clv/summary.h"

namespace tenure::clv {

// Log-likelihood of the summary's rows (scaled times) at (r, α), derivatives by r and α.
// Thread-safe.
Evaluation NbdLogLikelihood(const Summary& summary, const Vector& parameters);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_NBD_H_
