// The future of a customer of the CNBD-k models who is alive: intervals of k stages at rate λ ~
// Gamma(shape, rate), a dropout after each purchase with probability p ~ Beta(a, b). How many
// stages of the present interval are over is not known: v says how likely each number is. The sums
// over it are ours; with k = 1 they are those of alive_process.h.
#ifndef TENURE_SERVER_CLV_CONDENSED_FUTURE_H_
#define TENURE_SERVER_CLV_CONDENSED_FUTURE_H_

#include "absl/types/span.h"
#include "server/clv/outlook.h"

namespace tenure::clv {

struct CondensedFuture {
  int k;         // 1 to kMostRegular
  double shape;  // > 0, R = r + kx
  double rate;   // > 0, A = α + T
  double a;      // >= 0; 0: nobody drops out
  double b;      // > 0
  double v;      // 0 <= v < 1, (T − t_x)/(α + T): stages over have weights (R)_j/j! v^j

  // E[purchases in (0, t]] and P(alive after t): sums over purchases, about 1e-12 relative; their
  // work grows with t.
  double ExpectedCount(double t) const;
  double StillThere(double t) const;
  // P(n purchases in (0, t]).
  void CountProbabilities(double t, absl::Span<double> out) const;
  // ln P(no purchase in (0, t]).
  double LogNoPurchase(double t) const;
  // Over the window, horizon and discount of `grid`, at nodes of its own: the sharper k and the
  // history make the next purchases, the more. About 1e-5 relative; pairs and at_risk 1e-3. No
  // allocation.
  Outlook OutlookOver(const TimeGrid& grid) const;
  double ValueOver(const TimeGrid& grid) const;
};

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_CONDENSED_FUTURE_H_
