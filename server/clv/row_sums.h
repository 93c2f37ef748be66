// What the likelihoods of NBD, BG/NBD and MBG/NBD need of customers who bought equally often: sums
// over their rows.
#ifndef TENURE_SERVER_CLV_ROW_SUMS_H_
#define TENURE_SERVER_CLV_ROW_SUMS_H_

#include "absl/types/span.h"
#include "server/clv/summary.h"

namespace tenure::clv {

// Weighted sums. With e the derivative by α of D = ln((α+T)/(α+t_x)), d = P(dead | data) and
// q = d (1 − d).
template <typename Number>
struct RowSumsOf {
  Number w{}, log_end{}, end{}, end2{};  // 1, ln((α+T)/α), 1/(α+T), its square
  Number gain{};                         // ln(1 + odds of being dead)
  Number d{}, d_D{}, d_e{}, d_e2{};      // d_e2: by the second derivative of D
  Number q{}, q_D{}, q_e{}, q_DD{}, q_De{}, q_ee{};
};
using RowSums = RowSumsOf<double>;

struct RowTerms {
  double shape;      // r + x
  double alpha;      //
  double log_odds;   // of dead, without the times' part
  bool may_be_dead;  // else only the first four sums
};

// In the rows' order, eight at a time: the same on every processor to 1e-12. Thread-safe.
RowSums SumRows(absl::Span<const PurchaseRow> rows, const RowTerms& terms);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_ROW_SUMS_H_
