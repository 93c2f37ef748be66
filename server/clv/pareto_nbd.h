// Pareto/NBD (Schmittlein, Morrison, Colombo 1987; Fader, Hardie 2005): purchases at rates
// λ ~ Gamma(r, α) until a death that comes at rate μ ~ Gamma(s, β).
#ifndef TENURE_SERVER_CLV_PARETO_NBD_H_
#define TENURE_SERVER_CLV_PARETO_NBD_H_

#include "server/clv/evaluation.h"
#include "server/clv/summary.h"

namespace tenure::clv {

// Log-likelihood of the summary's rows (scaled times) at (r, α, s, β), derivatives by them:
//   L = Γ(r+x)/Γ(r) α^r β^s [(α+T)^−(r+x) (β+T)^−s + s ∫ (α+y)^−(r+x) (β+y)^−(s+1) dy],
// y from t_x to T, about 1e-11 relative. The integral is a quadrature and not the closed form in
// ₂F₁: that has poles at s = 1, two forms for α and β, and overflows. Thread-safe.
Evaluation ParetoNbdLogLikelihood(const Summary& summary, const Vector& parameters);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_PARETO_NBD_H_
