#include "server/clv/condensed_nbd.h"

#include <algorithm>
#include <cmath>

#include "server/clv/rising.h"

namespace tenure::clv {

StageSum StageSum::At(int k, double shape, double v) {
  double sum = 0, r1 = 0, r2 = 0, v1 = 0, v2 = 0, rv = 0;
  double term = 1;    // (R)_j/j! v^j
  double before = 0;  // (R)_j/j! v^(j−1), and v^(j−2) below, so that v = 0 divides nothing
  double before2 = 0;
  double h = 0, h2 = 0;  // Σ_(i<j) 1/(R+i) and its square's
  for (int j = 0;; ++j) {
    const double slope = j * before;
    const double bend = j * (j - 1.0) * before2;
    sum += term;
    r1 += term * h;
    r2 += term * (h * h - h2);
    v1 += slope;
    v2 += bend;
    rv += slope * h;
    if (j + 1 == k) break;
    const double inverse = 1 / (shape + j);
    const double factor = (shape + j) / (j + 1);
    before2 = before * factor;
    before = term * factor;
    term *= factor * v;
    h += inverse;
    h2 += inverse * inverse;
  }
  StageSum result;
  result.log = std::log(sum);
  result.by_shape = r1 / sum;
  result.by_v = v1 / sum;
  result.by_shape2 = r2 / sum - result.by_shape * result.by_shape;
  result.by_shape_v = rv / sum - result.by_shape * result.by_v;
  result.by_v2 = v2 / sum - result.by_v * result.by_v;
  return result;
}

double StageSum::LogAt(int k, double shape, double v) {
  double sum = 1;
  double term = 1;
  for (int j = 1; j < k; ++j) {
    term *= (shape + j - 1) / j * v;
    sum += term;
  }
  return std::log(sum);
}

namespace {

// One row's f = ln(S + e^z) by (r, α, a, b): z the log odds of being dead without S.
struct RowTerm {
  double value = 0;
  Vector gradient{};
  Matrix hessian{};
};

RowTerm Term(const PurchaseRow& row, int k, double shape, double alpha, double a, double keep,
             bool may_be_dead) {
  const double end = 1 / (alpha + row.age);
  const double v = (row.age - row.recency) * end;
  const StageSum s = StageSum::At(k, shape, v);
  const double v1 = -v * end;
  const double v2 = 2 * v * end * end;
  RowTerm t;
  t.value = s.log;
  t.gradient = {s.by_shape, s.by_v * v1, 0, 0};
  t.hessian[0][0] = s.by_shape2;
  t.hessian[0][1] = s.by_shape_v * v1;
  t.hessian[1][1] = s.by_v2 * v1 * v1 + s.by_v * v2;
  if (!may_be_dead) return t;
  const double last = 1 / (alpha + row.recency);
  const double D = std::log1p((row.age - row.recency) * last);
  const double e = end - last;
  const double z = std::log(a / keep) + shape * D;
  const Vector zg = {D, shape * e, 1 / a, -1 / keep};
  Matrix zh{};
  zh[0][1] = e;
  zh[1][1] = shape * (last * last - end * end);
  zh[2][2] = -1 / (a * a);
  zh[3][3] = 1 / (keep * keep);
  const double u = z - s.log;
  const double small = std::exp(-std::abs(u));
  const double d = (u > 0 ? 1 : small) / (1 + small);
  const double q = small / ((1 + small) * (1 + small));
  t.value += std::max(u, 0.0) + std::log1p(small);
  Vector ug{};
  for (size_t i = 0; i < 4; ++i) ug[i] = zg[i] - t.gradient[i];
  for (size_t i = 0; i < 4; ++i) {
    for (size_t j = i; j < 4; ++j) {
      t.hessian[i][j] = (1 - d) * t.hessian[i][j] + d * zh[i][j] + q * ug[i] * ug[j];
    }
  }
  for (size_t i = 0; i < 4; ++i) t.gradient[i] += d * ug[i];
  return t;
}

}  // namespace

Evaluation CondensedNbdLogLikelihood(const Summary& summary, Dropout dropout, int k,
                                     const Vector& parameters) {
  const double r = parameters[0], alpha = parameters[1];
  const bool drops = dropout != Dropout::kNever;
  const double a = drops ? parameters[2] : 0, b = drops ? parameters[3] : 1;
  Evaluation sum;
  Vector& g = sum.gradient;
  Matrix& h = sum.hessian;
  Rising rate{}, stay{}, all{};
  double of = -1;
  for (const PurchaseRow& row : summary.rows()) {
    const double x = row.frequency, w = row.weight, kx = k * x;
    const double n = ChancesToLeave(dropout, x);
    const double keep = b + n - 1;
    if (x != of) {
      rate = LogRising(r, kx);
      stay = LogRising(b, n);
      all = LogRising(a + b, n);
      of = x;
    }
    const double end = 1 / (alpha + row.age);
    const double log_end = std::log1p(row.age / alpha);
    const RowTerm t = Term(row, k, r + kx, alpha, a, keep, n > 0);
    sum.value +=
        w * (rate.log - x * LogGamma(k) - kx * std::log(alpha) - (r + kx) * log_end + t.value);
    g[0] += w * (rate.d1 - log_end + t.gradient[0]);
    g[1] += w * (r / alpha - (r + kx) * end + t.gradient[1]);
    h[0][0] += w * (rate.d2 + t.hessian[0][0]);
    h[0][1] += w * (1 / alpha - end + t.hessian[0][1]);
    h[1][1] += w * ((r + kx) * end * end - r / (alpha * alpha) + t.hessian[1][1]);
    if (n <= 0) continue;
    sum.value += w * (stay.log - all.log);
    g[2] += w * (t.gradient[2] - all.d1);
    g[3] += w * (t.gradient[3] + stay.d1 - all.d1);
    h[0][2] += w * t.hessian[0][2];
    h[0][3] += w * t.hessian[0][3];
    h[1][2] += w * t.hessian[1][2];
    h[1][3] += w * t.hessian[1][3];
    h[2][2] += w * (t.hessian[2][2] - all.d2);
    h[2][3] += w * (t.hessian[2][3] - all.d2);
    h[3][3] += w * (t.hessian[3][3] + stay.d2 - all.d2);
  }
  if (k > 1) sum.value += (k - 1) * summary.log_intervals();
  for (size_t i = 0; i < 4; ++i) {
    for (size_t j = 0; j < i; ++j) h[i][j] = h[j][i];
  }
  return sum;
}

}  // namespace tenure::clv
