// How long contracts last when each customer fails to renew with a probability θ ~ Beta(α, β) of
// their own: the curves of sBG and BdW.
#ifndef TENURE_SERVER_CLV_RETENTION_CURVE_H_
#define TENURE_SERVER_CLV_RETENTION_CURVE_H_

namespace tenure::clv {

// S(t) = E[(1 − θ)^(t^c)] = B(α, β + t^c)/B(α, β), the share that renews t times or more: sBG with
// c = 1 (Fader, Hardie 2007, How to project customer retention, Journal of Interactive Marketing
// 21(1), equation 6), beta-discrete-Weibull otherwise (Fader, Hardie, Liu, Davin, Steenburgh 2018,
// the same journal 43, equation 10); c > 1: each customer's risk to leave rises with their tenure.
// Periods are counted in renewals. Thread-safe.
struct RetentionCurve {
  double alpha;  // all above 0
  double beta;
  double c = 1;

  double LogSurvival(double t) const;
  double Survival(double t) const;
  // r(t) = S(t)/S(t − 1), t >= 1: of those before renewal t, the share that renews. sBG: equation 8
  // of 2007; BdW: equation 12 of 2018.
  double Retention(double t) const;
  // Of a customer after `renewals` of them: the chance to renew `more` times again.
  double Survival(double renewals, double more) const;

  // Σ_(j>=1) e^(−rate (j − 1)) S(n + j)/S(n), DERL: of a customer with n renewals who is just about
  // to decide on the next, the expected number of renewals to come, discounted to now (sBG: Fader,
  // Hardie 2010, Customer-base valuation in a contractual setting, Marketing Science 29(1),
  // equation 6; BdW: appendix C of 2018). rate = 0: +infinity where the mean is (c α <= 1). The
  // tail is no cut: ₂F₁ where c = 1, an integral to infinity otherwise; 1e-9 relative.
  double ResidualLifetime(double renewals, double rate) const;
  // Σ_(t>=0) S(t): expected number of periods paid by a new customer.
  double Lifetime() const { return 1 + ResidualLifetime(0, 0); }
};

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_RETENTION_CURVE_H_
