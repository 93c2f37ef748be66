// (M)BG/CNBD-k and CNBD-k, the same without dropout: the intervals between purchases are Erlang-k
// with rate λ ~ Gamma(r, α), so that k above 1 buys more regularly than chance. k = 1 is (M)BG/NBD
// and NBD. Sources: Reutterer, Platzer, Schröder 2021 (Leveraging purchase regularity for
// predicting customer behavior the easy way, IJRM 38(1)), the model and its likelihood; why
// regularity helps, Platzer, Reutterer 2016 (Ticking away the moments, Marketing Science 35(5));
// CNBD-k, Chatfield, Goodhardt 1973 (JASA 68(344)). The sum over stages below is ours: an Erlang
// survival mixed over λ.
#ifndef TENURE_SERVER_CLV_CONDENSED_NBD_H_
#define TENURE_SERVER_CLV_CONDENSED_NBD_H_

#include "server/clv/dropout.h"
#include "server/clv/evaluation.h"
#include "server/clv/summary.h"

namespace tenure::clv {

inline constexpr int kMostRegular = 12;  // the largest k

// S = Σ_(j<k) (R)_j/j! v^j, the sum that k stages of an interval add to a likelihood: P(no purchase
// since the last one | alive, λ ~ Gamma) over that of k = 1; by R, v and both.
struct StageSum {
  double log;
  double by_shape, by_v;
  double by_shape2, by_shape_v, by_v2;

  // shape R > 0, 0 <= v < 1.
  static StageSum At(int k, double shape, double v);
  static double LogAt(int k, double shape, double v);
};

// Log-likelihood of the summary's rows (scaled times) at (r, α, a, b), without a and b for kNever,
// derivatives by them. With R = r + kx, v = (T − t_x)/(α + T) and n chances to drop out,
//   L = e^((k−1) Σ ln Δt) Γ(k)^−x Γ(R)/Γ(r) α^r B(a,b+n)/B(a,b) (α+T)^−R
//       [S + a/(b+n−1) ((α+T)/(α+t_x))^R].
// The sum of log intervals is the summary's: NaN where it isn't known. Thread-safe.
Evaluation CondensedNbdLogLikelihood(const Summary& summary, Dropout dropout, int k,
                                     const Vector& parameters);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_CONDENSED_NBD_H_
