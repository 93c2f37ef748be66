#include "server/clv/beta_geometric.h"

#include <cmath>

#include "server/clv/rising.h"
#include "server/clv/row_sums.h"

namespace tenure::clv {
Evaluation BetaGeometricLogLikelihood(const Summary& summary, Dropout dropout,
                                      const Vector& parameters) {
  const auto [r, alpha, a, b] = parameters;
  Evaluation sum;
  Vector& g = sum.gradient;
  Matrix& h = sum.hessian;
  const absl::Span<const PurchaseRow> rows = summary.rows();
  for (size_t begin = 0, end = 0; begin < rows.size(); begin = end) {
    const double x = rows[begin].frequency;
    while (end < rows.size() && rows[end].frequency == x) ++end;
    const double n = ChancesToLeave(dropout, x);
    const double shape = r + x;
    const bool may_be_dead = n > 0;
    const double k = may_be_dead ? b + n - 1 : 1;
    const RowSums s =
        SumRows(rows.subspan(begin, end - begin), {shape, alpha, std::log(a / k), may_be_dead});
    const Rising rate = LogRising(r, x);
    const Rising keep = LogRising(b, n);
    const Rising all = LogRising(a + b, n);
    sum.value +=
        s.w * (rate.log + keep.log - all.log - x * std::log(alpha)) - shape * s.log_end + s.gain;
    const double za = 1 / a;
    const double zb = -1 / k;
    g[0] += s.w * rate.d1 - s.log_end + s.d_D;
    g[1] += s.w * r / alpha - shape * s.end + shape * s.d_e;
    g[2] += -s.w * all.d1 + s.d * za;
    g[3] += s.w * (keep.d1 - all.d1) + s.d * zb;
    h[0][0] += s.w * rate.d2 + s.q_DD;
    h[0][1] += s.w / alpha - s.end + s.d_e + shape * s.q_De;
    h[0][2] += s.q_D * za;
    h[0][3] += s.q_D * zb;
    h[1][1] +=
        -s.w * r / (alpha * alpha) + shape * s.end2 + shape * s.d_e2 + shape * shape * s.q_ee;
    h[1][2] += shape * s.q_e * za;
    h[1][3] += shape * s.q_e * zb;
    h[2][2] += -s.w * all.d2 + (s.q - s.d) * za * za;
    h[2][3] += -s.w * all.d2 + s.q * za * zb;
    h[3][3] += s.w * (keep.d2 - all.d2) + (s.q + s.d) * zb * zb;
  }
  for (size_t i = 0; i < 4; ++i) {
    for (size_t j = 0; j < i; ++j) h[i][j] = h[j][i];
  }
  return sum;
}

}  // namespace tenure::clv
