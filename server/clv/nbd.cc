#include "server/clv/nbd.h"

#include <cmath>

#include "server/clv/rising.h"
#include "server/clv/row_sums.h"

namespace tenure::clv {

Evaluation NbdLogLikelihood(const Summary& summary, const Vector& parameters) {
  const double r = parameters[0];
  const double alpha = parameters[1];
  const double log_alpha = std::log(alpha);
  Evaluation sum;
  const absl::Span<const PurchaseRow> rows = summary.rows();
  for (size_t begin = 0, end = 0; begin < rows.size(); begin = end) {
    const double x = rows[begin].frequency;
    while (end < rows.size() && rows[end].frequency == x) ++end;
    const RowSums s = SumRows(rows.subspan(begin, end - begin), {r + x, alpha, 0, false});
    const Rising rising = LogRising(r, x);
    sum.value += s.w * (rising.log - x * log_alpha) - (r + x) * s.log_end;
    sum.gradient[0] += s.w * rising.d1 - s.log_end;
    sum.gradient[1] += s.w * r / alpha - (r + x) * s.end;
    sum.hessian[0][0] += s.w * rising.d2;
    sum.hessian[0][1] += s.w / alpha - s.end;
    sum.hessian[1][1] += (r + x) * s.end2 - s.w * r / (alpha * alpha);
  }
  sum.hessian[1][0] = sum.hessian[0][1];
  return sum;
}

}  // namespace tenure::clv
