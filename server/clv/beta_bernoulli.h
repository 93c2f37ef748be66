// BG/BB (Fader, Hardie, Shang 2010, Marketing Science 29(6)): at each of n occasions a living
// customer buys with probability p ~ Beta(α, β); before each they leave with probability θ ~
// Beta(γ, δ). The beta-binomial (Skellam 1948) is its case without leaving.
#ifndef TENURE_SERVER_CLV_BETA_BERNOULLI_H_
#define TENURE_SERVER_CLV_BETA_BERNOULLI_H_

#include <string>

#include "server/clv/evaluation.h"
#include "server/clv/summary.h"

namespace tenure::clv {

// Occasions counted at most, of a history and ahead.
inline constexpr int kMostOccasions = 100'000;

// Log-likelihood of the summary's rows (unscaled: T = n and t_x are occasions) at (α, β, γ, δ),
// derivatives by them. With B the beta function, equation 5 of the paper is
//   L = B(α+x, β+n−x)/B(α,β) B(γ, δ+n)/B(γ,δ)
//       + Σ_(m=t_x)^(n−1) B(α+x, β+m−x)/B(α,β) B(γ+1, δ+m)/B(γ,δ),
// m the last occasion that was lived to; summed in logs, so that no number of occasions underflows.
// NaN where OccasionsProblem isn't empty. Thread-safe.
Evaluation BetaBernoulliLogLikelihood(const Summary& summary, const Vector& parameters);

// Of (α, β): L = B(α+x, β+n−x)/B(α,β), equation 5 with γ = 0.
Evaluation BetaBinomialLogLikelihood(const Summary& summary, const Vector& parameters);

// What keeps the rows (unscaled) from being counts of occasions, or empty: t_x and T must be whole,
// x <= t_x (one purchase an occasion) and T <= kMostOccasions.
std::string OccasionsProblem(const Summary& summary);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_BETA_BERNOULLI_H_
