// The future of a customer who is alive: purchases at rate λ ~ Gamma(shape, rate), and after each a
// dropout with probability p ~ Beta(a, b), independent. Every posterior of NBD, BG/NBD and MBG/NBD
// is of this form. Source: Fader, Hardie, Lee 2005: E[X(t) | λ, p] = (1 − e^(−λpt))/p and
// P(there at t | λ, p) = e^(−λpt); the integrals over λ and p are ours where the paper's closed
// forms (equations 9 and 10) have poles or cancel.
#ifndef TENURE_SERVER_CLV_ALIVE_PROCESS_H_
#define TENURE_SERVER_CLV_ALIVE_PROCESS_H_

#include "server/clv/outlook.h"

namespace tenure::clv {

struct AliveProcess {
  double shape;  // > 0
  double rate;   // > 0
  double a;      // >= 0; 0: nobody drops out
  double b;      // > 0

  // E[purchases in (0, t]]: E_p[(1 − (1 + p t/rate)^−shape)/p], by the trapezoid rule in logit p,
  // which has no poles at a = 1 and no cancellation at small t: about 1e-12 relative.
  double ExpectedCount(double t) const;
  // P(no purchase in (0, t]) = (rate/(rate+t))^shape.
  double LogNoPurchase(double t) const;
  // P(alive after t): E_p[(1 + p t/rate)^−shape], as exactly as ExpectedCount.
  double StillThere(double t) const;
  // E[Σ e^(−discount · time)] over all that is to come, discount > 0.
  double ExpectedDiscounted(double discount) const;
  // Within 1e-6 relative, mostly 1e-8, for horizons of 1 to 36,500 days, windows up to them and
  // discounts of 0 to 100 % a year. No allocation.
  Outlook OutlookOver(const TimeGrid& given) const;
  // OutlookOver(given).value alone.
  double ValueOver(const TimeGrid& given) const;
};

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_ALIVE_PROCESS_H_
