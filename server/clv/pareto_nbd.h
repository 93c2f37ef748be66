// Pareto/NBD (Schmittlein, Morrison, Colombo 1987, Management Science 33(1)): purchases at rates
// λ ~ Gamma(r, α) until a death that comes at rate μ ~ Gamma(s, β).
#ifndef TENURE_SERVER_CLV_PARETO_NBD_H_
#define TENURE_SERVER_CLV_PARETO_NBD_H_

#include "server/clv/evaluation.h"
#include "server/clv/summary.h"

namespace tenure::clv {

// Log-likelihood of the summary's rows (scaled times) at (r, α, s, β), derivatives by them:
//   L = Γ(r+x)/Γ(r) α^r β^s [(α+T)^−(r+x) (β+T)^−s + s ∫ (α+y)^−(r+x) (β+y)^−(s+1) dy],
// y from t_x to T, about 1e-11 relative (Fader, Hardie 2014, Deriving the conditional PMF of the
// Pareto/NBD model, note 028, equation 3; there the integral is in closed form, derived in their
// 2005 note 009). Ours is a quadrature and not that ₂F₁: it has two forms for α and β, and
// overflows. Thread-safe.
Evaluation ParetoNbdLogLikelihood(const Summary& summary, const Vector& parameters);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_PARETO_NBD_H_
