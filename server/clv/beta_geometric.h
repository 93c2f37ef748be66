// BG/NBD (Fader, Hardie, Lee 2005) and MBG/NBD (Batislam, Denizel, Filiztekin 2007): purchases at
// rates λ ~ Gamma(r, α); after each purchase a customer drops out with probability p ~ Beta(a, b).
// MBG lets them drop out after the first purchase too, so that one-time buyers may be gone.
//
// Sources, by equation: BG/NBD, Fader, Hardie, Lee 2005, Marketing Science 24(2); its P(alive), and
// MBG's likelihood and P(alive) beside it, Fader, Hardie, Lee 2008 (Computing P(alive) using the
// BG/NBD model, note 021). MBG/NBD, Batislam, Denizel, Filiztekin 2007, IJRM 24(3), as corrected by
// Wagner, Hoppe 2008, IJRM 25(3).
#ifndef TENURE_SERVER_CLV_BETA_GEOMETRIC_H_
#define TENURE_SERVER_CLV_BETA_GEOMETRIC_H_

#include "server/clv/dropout.h"
#include "server/clv/evaluation.h"
#include "server/clv/summary.h"

namespace tenure::clv {

// Log-likelihood of the summary's rows (scaled times) at (r, α, a, b), derivatives by them:
// BG/NBD's equation 6, MBG/NBD's in note 021. With n = x (BG) or x + 1 (MBG) chances to drop out,
//   L = Γ(r+x)/Γ(r) α^r B(a,b+n)/B(a,b) (α+T)^−(r+x) [1 + a/(b+n−1) ((α+T)/(α+t_x))^(r+x)],
// the second term only where n > 0. Thread-safe.
Evaluation BetaGeometricLogLikelihood(const Summary& summary, Dropout dropout,
                                      const Vector& parameters);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_BETA_GEOMETRIC_H_
