#include "server/clv/pareto_nbd.h"

#include <cmath>

#include "server/clv/lanes.h"
#include "server/clv/lomax_race.h"
#include "server/clv/rising.h"

namespace tenure::clv {
namespace {

// Where a customer's history ended, at T if alive or at the time u after t_x when they died: means
// over that, of a = ln((α+t_x+u)/(α+t_x)), p = 1/(α+t_x+u) − 1/(α+t_x) and b, q, the same of β.
// Sums over deaths only, then over both.
template <typename Number>
struct MomentsOf {
  Number dead{};  // P(dead | data)
  Number a{}, p{}, b{}, q{};
  Number aa{}, ap{}, ab{}, aq{}, pp{}, pb{}, pq{}, bb{}, bq{}, qq{};
};
struct Moments : MomentsOf<double> {
  double log_total = 0;  // ln P(no purchase in (t_x, T])
};

// Of the dead, weighed by their share; `alive` are those of the others.
struct Ends {
  Moments dead;
  struct {
    double share, a, p, b, q;
  } alive;
};

Ends EndsOf(const LomaxRace& race, double t) {
  Ends ends;
  const double p0 = 1 / race.purchase.scale;
  const double q0 = 1 / race.death.scale;
  MomentsOf<Lanes> sums;
  race.Integrate(t, 1, kElevenDigits, [&](const auto& panel) {
    for (size_t j = 0; j < panel.mass.size(); j += kLanes) {
      const Lanes a = LoadLanes(&panel.purchase_log[j]);
      const Lanes p = LoadLanes(&panel.purchase_inverse[j]) - p0;
      const Lanes b = LoadLanes(&panel.death_log[j]);
      const Lanes death_inverse = LoadLanes(&panel.death_inverse[j]);
      const Lanes q = death_inverse - q0;
      const Lanes w = LoadLanes(&panel.mass[j]) * death_inverse;
      const Lanes wa = w * a, wp = w * p, wb = w * b, wq = w * q;
      sums.dead += w;
      sums.a += wa;
      sums.p += wp;
      sums.b += wb;
      sums.q += wq;
      sums.aa += wa * a;
      sums.ap += wa * p;
      sums.ab += wa * b;
      sums.aq += wa * q;
      sums.pp += wp * p;
      sums.pb += wp * b;
      sums.pq += wp * q;
      sums.bb += wb * b;
      sums.bq += wb * q;
      sums.qq += wq * q;
    }
  });
  Moments& d = ends.dead;
  auto& alive = ends.alive;
  alive.a = std::log1p(t * p0);
  alive.b = std::log1p(t * q0);
  alive.p = 1 / (race.purchase.scale + t) - p0;
  alive.q = 1 / (race.death.scale + t) - q0;
  const double neither = std::exp(-race.purchase.shape * alive.a - race.death.shape * alive.b);
  const double dead = SumOf(sums.dead);
  const double total = neither + race.death.shape * dead;
  const double share = race.death.shape / total;
  const auto share_of = [share](const Lanes& sum) { return share * SumOf(sum); };
  d.a = share_of(sums.a), d.p = share_of(sums.p), d.b = share_of(sums.b), d.q = share_of(sums.q);
  d.aa = share_of(sums.aa), d.ap = share_of(sums.ap), d.ab = share_of(sums.ab);
  d.aq = share_of(sums.aq), d.pp = share_of(sums.pp), d.pb = share_of(sums.pb);
  d.pq = share_of(sums.pq), d.bb = share_of(sums.bb), d.bq = share_of(sums.bq);
  d.qq = share_of(sums.qq), d.dead = share * dead;
  alive.share = neither / total;
  d.log_total = std::log(total);
  return ends;
}

// Adds weight times the row's log-likelihood without Γ(r+x)/Γ(r), in the upper triangle.
void AddRow(const PurchaseRow& row, const Vector& parameters, Evaluation* sum) {
  const auto [r, alpha, s, beta] = parameters;
  const double w = row.weight;
  const double x = row.frequency;
  const double R = r + x;
  const LomaxRace race = {{R, alpha + row.recency}, {s, beta + row.recency}};
  const auto [d, alive] = EndsOf(race, row.age - row.recency);
  const double p0 = 1 / race.purchase.scale;
  const double q0 = 1 / race.death.scale;
  const double log_purchase = std::log1p(row.recency / alpha);
  const double log_death = std::log1p(row.recency / beta);
  sum->value += w * (-x * std::log(alpha) - R * log_purchase - s * log_death + d.log_total);

  // Given the end, the log-likelihood's slopes are those at t_x plus −a, −R p, −b, −s q if alive,
  // and −a, −R p, 1/s − b, −(s+1) q − q0 if dead.
  const double pi = alive.share;
  const double mean_r = -(pi * alive.a + d.a);
  const double mean_alpha = -R * (pi * alive.p + d.p);
  const double mean_s = -(pi * alive.b + d.b) + d.dead / s;
  const double mean_beta = -s * pi * alive.q - (s + 1) * d.q - q0 * d.dead;
  Vector& g = sum->gradient;
  g[0] += w * (mean_r - log_purchase);
  g[1] += w * (mean_alpha + r / alpha - R * p0);
  g[2] += w * (mean_s - log_death);
  g[3] += w * (mean_beta + s / beta - s * q0);

  // The mean of the curvature given the end, and the covariance of the slopes.
  Matrix& h = sum->hessian;
  const double dead_q = (s + 1) * d.aq + q0 * d.a;
  h[0][0] += w * (pi * alive.a * alive.a + d.aa - mean_r * mean_r);
  h[0][1] += w * (1 / alpha - p0 - (pi * alive.p + d.p) + R * (pi * alive.a * alive.p + d.ap) -
                  mean_r * mean_alpha);
  h[0][2] += w * (pi * alive.a * alive.b + d.ab - d.a / s - mean_r * mean_s);
  h[0][3] += w * (s * pi * alive.a * alive.q + dead_q - mean_r * mean_beta);
  h[1][1] += w * (R * p0 * p0 - r / (alpha * alpha) +
                  R * (pi * alive.p * (alive.p + 2 * p0) + d.pp + 2 * p0 * d.p) +
                  R * R * (pi * alive.p * alive.p + d.pp) - mean_alpha * mean_alpha);
  h[1][2] += w * (R * (pi * alive.p * alive.b + d.pb - d.p / s) - mean_alpha * mean_s);
  h[1][3] +=
      w * (R * (s * pi * alive.p * alive.q + (s + 1) * d.pq + q0 * d.p) - mean_alpha * mean_beta);
  // 1/s² of the curvature and of the slopes' squares cancel.
  h[2][2] += w * (pi * alive.b * alive.b + d.bb - 2 * d.b / s - mean_s * mean_s);
  h[2][3] +=
      w * (1 / beta - q0 - (pi * alive.q + d.q) + s * pi * alive.b * alive.q + (s + 1) * d.bq +
           q0 * d.b - ((s + 1) * d.q + q0 * d.dead) / s - mean_s * mean_beta);
  h[3][3] += w * (s * q0 * q0 - s / (beta * beta) + s * pi * alive.q * (alive.q + 2 * q0) +
                  (s + 1) * (d.qq + 2 * q0 * d.q) + q0 * q0 * d.dead +
                  s * s * pi * alive.q * alive.q + (s + 1) * (s + 1) * d.qq +
                  2 * (s + 1) * q0 * d.q + q0 * q0 * d.dead - mean_beta * mean_beta);
}

}  // namespace

Evaluation ParetoNbdLogLikelihood(const Summary& summary, const Vector& parameters) {
  Evaluation sum;
  Rising rising{};
  double rising_of = -1;
  for (const PurchaseRow& row : summary.rows()) {
    if (row.frequency != rising_of) {
      rising_of = row.frequency;
      rising = LogRising(parameters[0], rising_of);
    }
    sum.value += row.weight * rising.log;
    sum.gradient[0] += row.weight * rising.d1;
    sum.hessian[0][0] += row.weight * rising.d2;
    AddRow(row, parameters, &sum);
  }
  for (size_t i = 0; i < 4; ++i) {
    for (size_t j = 0; j < i; ++j) sum.hessian[i][j] = sum.hessian[j][i];
  }
  return sum;
}

}  // namespace tenure::clv
