// Means of functions of a Beta-distributed probability.
#ifndef TENURE_SERVER_CLV_BETA_MEAN_H_
#define TENURE_SERVER_CLV_BETA_MEAN_H_

namespace tenure::clv {

// E[(1 − θ)^k] = Π_(i<k) (b + i)/(a + b + i) of θ ~ Beta(a, b), k >= 0 of any size, also not whole;
// the second as its log.
double BetaSurvival(double a, double b, double k);
double LogBetaSurvival(double a, double b, double k);

// Σ_(k>=0) e^(−rate k) E[(1 − θ)^k] = E[1/(1 − (1−θ) e^(−rate))], ₂F₁(1, b; a+b; e^(−rate)), by the
// trapezoid rule in logit θ: about 1e-12 relative however small the rate. rate > 0, or 0 with
// a > 1: (a+b−1)/(a−1). +infinity for rate 0 and a <= 1.
double BetaDiscountedLifetime(double a, double b, double rate);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_BETA_MEAN_H_
