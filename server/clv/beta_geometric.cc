#include "server/clv/beta_geometric.h"

#include <algorithm>
#include <cmath>

#include "server/clv/rising.h"

namespace tenure::clv {
namespace {

// Weighted sums over rows of one frequency. With e the derivative by α of
// D = ln((α+T)/(α+t_x)), d = P(dead | data) and q = d (1 − d).
struct Sums {
  double w = 0, log_end = 0, end = 0, end2 = 0;  // ln((α+T)/α), 1/(α+T), its square
  double gain = 0;                               // ln(1 + odds of being dead)
  double d = 0, d_D = 0, d_e = 0, d_e2 = 0;      // d_e2: by the second derivative of D
  double q = 0, q_D = 0, q_e = 0, q_DD = 0, q_De = 0, q_ee = 0;
};

// Adds rows[begin, end), all of frequency x. log_odds: of dead, without the times' part.
Sums SumRows(absl::Span<const PurchaseRow> rows, double shape, double alpha, double log_odds,
             bool may_be_dead) {
  Sums s;
  const double over_alpha = 1 / alpha;
  for (const PurchaseRow& row : rows) {
    const double w = row.weight;
    const double end = 1 / (alpha + row.age);
    const double log_end = std::log1p(row.age * over_alpha);
    s.w += w;
    s.log_end += w * log_end;
    s.end += w * end;
    s.end2 += w * end * end;
    if (!may_be_dead) continue;
    const double last = 1 / (alpha + row.recency);
    const double D = std::log1p((row.age - row.recency) * last);
    const double e = end - last;
    const double z = log_odds + shape * D;
    const double small = std::exp(-std::abs(z));
    const double larger = 1 / (1 + small);
    const double d = z > 0 ? larger : small * larger;
    s.gain += w * (std::max(z, 0.0) + std::log1p(small));
    const double wd = w * d;
    s.d += wd;
    s.d_D += wd * D;
    s.d_e += wd * e;
    s.d_e2 += wd * (last * last - end * end);
    const double wq = wd * (z > 0 ? small * larger : larger);
    s.q += wq;
    s.q_D += wq * D;
    s.q_e += wq * e;
    s.q_DD += wq * D * D;
    s.q_De += wq * D * e;
    s.q_ee += wq * e * e;
  }
  return s;
}

}  // namespace

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
    const Sums s =
        SumRows(rows.subspan(begin, end - begin), shape, alpha, std::log(a / k), may_be_dead);
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
