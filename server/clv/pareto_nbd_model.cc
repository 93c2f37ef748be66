#include "server/clv/pareto_nbd_model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "server/clv/draw.h"
#include "server/clv/rising.h"

namespace tenure::clv {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Powers that the usual panels of a TimeGrid integrate to 1e-7, over any panel or in all, and the
// least scale for which another scale's panels do.
constexpr double kGentleShape = 2.5;
constexpr double kGentleFall = 1.5;
constexpr double kNearScale = 0.6;
constexpr double kPreciseLogsAbove = 100;

// (e^z − 1)/z.
double ExpSpan(double z) { return std::abs(z) < 1e-9 ? 1 + z / 2 : std::expm1(z) / z; }

// ∫_0^∞ e^(−decay v) (1+v)^(−power) dv = U(1, 2 − power, decay), by the trapezoid rule in τ,
// v = c e^(τ − e^(−τ)): its integrand falls off double exponentially on the left and with the decay
// on the right, so that no ratio of decay and power needs a case of its own.
double DiscountedTail(double power, double decay) {
  constexpr double kStep = 0.2;
  const double c = 1 / (1 + power + decay);
  double sum = 0;
  for (double tau = -3.6;; tau += kStep) {
    const double small = std::exp(-tau);
    const double v = c * std::exp(tau - small);
    const double term = v * (1 + small) * std::exp(-decay * v - power * std::log1p(v));
    sum += term;
    if (tau > 1 && term < 1e-18 * sum) return kStep * sum;
  }
}

// The grid for e^(−δu) (1 + u/scale)^−shape of `death`: the given one if its points are close
// enough for that, else one made for it in `own`.
const TimeGrid& GridFor(const LomaxTime& death, const TimeGrid& given, TimeGrid* own) {
  const bool is_gentle = death.shape <= kGentleShape ||
                         death.shape * std::log1p(given.horizon / death.scale) <= kGentleFall;
  const bool is_near = death.scale >= kNearScale * given.scale;
  if (is_gentle && is_near) return given;
  *own = TimeGrid::Over(given.window, given.horizon, given.discount_rate, death.scale,
                        is_gentle ? 0 : death.shape);
  return *own;
}

// Of a customer alive now whose rates are Gamma(purchase) and Gamma(death): E[λ e^(−μu)] over its
// value at 0 is (1 + u/scale)^−shape of the death's.
double ValueOver(const LomaxRace& from_now, const TimeGrid& grid) {
  const double scale = from_now.death.scale;
  // ln 1 − ln is quicker than log1p, but for shapes that blow its rounding up.
  const bool is_steep = from_now.death.shape > kPreciseLogsAbove;
  const double log_scale = is_steep ? 0 : std::log(scale);
  double value = 0;
  for (size_t j = 0; j < grid.nodes; ++j) {
    const double log =
        is_steep ? std::log1p(grid.time[j] / scale) : std::log(scale + grid.time[j]) - log_scale;
    value += grid.weight[j] * grid.discount[j] * std::exp(-from_now.death.shape * log);
  }
  return from_now.purchase.Hazard(0) * value;
}

}  // namespace

ParetoNbdModel::ParetoNbdModel(double r, double alpha, double s, double beta)
    : PurchaseModel("pareto_nbd", {r, alpha, s, beta}), r_(r), alpha_(alpha), s_(s), beta_(beta) {}

LomaxRace ParetoNbdModel::SinceLast(const History& h) const {
  return {{r_ + h.frequency, alpha_ + h.recency}, {s_, beta_ + h.recency}};
}

LomaxRace ParetoNbdModel::FromNow(const History& h) const {
  return {{r_ + h.frequency, alpha_ + h.age}, {s_, beta_ + h.age}};
}

double ParetoNbdModel::LogOddsDead(const History& h) const {
  const LomaxRace::Outcome silence = SinceLast(h).After(h.age - h.recency);
  return std::log(silence.death_first) - silence.log_neither;
}

double ParetoNbdModel::RowLogLikelihood(const History& h) const {
  const LomaxRace::Outcome silence = SinceLast(h).After(h.age - h.recency);
  return LogRisingValue(r_, h.frequency) - h.frequency * std::log(alpha_) -
         (r_ + h.frequency) * std::log1p(h.recency / alpha_) - s_ * std::log1p(h.recency / beta_) +
         std::log(std::exp(silence.log_neither) + silence.death_first);
}

double ParetoNbdModel::PAliveAfter(const History& h, double t) const {
  return PAlive(h) * std::exp(FromNow(h).death.LogSurvival(t));
}

// Newton's method on ln(1 + k odds) as a function of ln(1 + silence/(α + t_x)): for α = β a
// straight line, elsewhere nearly one, so that it is held between bounds.
double ParetoNbdModel::SilenceUntil(const History& h, double log_odds) const {
  const LomaxRace race = SinceLast(h);
  const double scale = race.purchase.scale;
  const double log_k = std::log((race.purchase.shape + s_) / s_);
  const auto straightened = [log_k](double z) {
    return z + log_k > 40 ? z + log_k : std::log1p(std::exp(z + log_k));
  };
  const double since = h.age - h.recency;
  const double tolerance = 1e-12 * std::max(1.0, std::abs(log_odds));
  const double aim = log_odds - tolerance;  // never late
  double low = std::log1p(since / scale);
  double high = kInfinity;
  double at = low;
  for (int i = 0; i < 200; ++i) {
    const double silence = scale * std::expm1(at);
    if (!(silence < 1e300)) return kInfinity;
    const LomaxRace::Outcome outcome = race.After(silence);
    const double z = std::log(outcome.death_first) - outcome.log_neither;
    if (i == 0 && z >= log_odds) return 0;
    (z < log_odds ? low : high) = at;
    if (std::abs(z - aim) <= tolerance) break;
    // d odds/dt is death's hazard + odds · both hazards.
    const double few = 1 / (1 + std::exp(z + log_k));  // 1/(1 + k odds)
    const double slope =
        (std::exp(log_k) * few + 1 - few) * race.death.Hazard(silence) * (scale + silence) +
        (1 - few) * race.purchase.shape;
    at += (straightened(aim) - straightened(z)) / slope;
    if (!(at > low && at < high)) at = high < kInfinity ? low + (high - low) / 2 : 2 * low + 1;
    if (high - low < 1e-15 * high) break;
  }
  return std::max(scale * std::expm1(low) - since, 0.0);
}

double ParetoNbdModel::RhythmLimit(const History& h) const {
  const LomaxTime next = SinceLast(h).purchase;
  return next.scale * std::expm1(std::log(20.0) / next.shape);
}

// (R/A) ∫_0^t (B/(B+u))^s du = (R/A) B (e^((1−s) L) − 1)/(1−s), L = ln(1 + t/B): its limit at s
// = 1.
double ParetoNbdModel::ExpectedPurchases(const History& h, double t) const {
  if (!(t > 0)) return 0;
  const LomaxRace race = FromNow(h);
  const double length = std::log1p(t / race.death.scale);
  return PAlive(h) * race.purchase.Hazard(0) * race.death.scale * length *
         ExpSpan((1 - s_) * length);
}

// A negative binomial count up to t for who lives, up to death for who doesn't.
void ParetoNbdModel::CountProbabilities(const History& h, double t, absl::Span<double> out) const {
  const double alive = PAlive(h);
  const LomaxRace race = FromNow(h);
  const double shape = race.purchase.shape;
  std::vector<double> log_ways(out.size());  // ln Γ(R+n)/(Γ(R) n!)
  for (size_t n = 1; n < out.size(); ++n) {
    const auto each = static_cast<double>(n);
    log_ways[n] = log_ways[n - 1] + std::log((shape + each - 1) / each);
  }
  std::fill(out.begin(), out.end(), 0.0);
  // `log_grown` is ln((A+u)/A).
  const auto add = [&](double weight, double log_grown) {
    const double log_none = -shape * log_grown;
    const double log_hit = std::log(-std::expm1(-log_grown));
    for (size_t n = 0; n < out.size(); ++n) {
      const double powers = n > 0 ? static_cast<double>(n) * log_hit : 0;
      out[n] += weight * std::exp(log_ways[n] + log_none + powers);
    }
  };
  add(alive * std::exp(race.death.LogSurvival(t)), std::log1p(t / race.purchase.scale));
  // Counts are in the integrand, not in the race: no purchase can end it.
  const LomaxRace deaths = {{0, race.purchase.scale}, race.death};
  deaths.Integrate(
      t, shape + static_cast<double>(out.size()), kElevenDigits, [&](const auto& panel) {
        for (size_t j = 0; j < panel.mass.size(); ++j) {
          add(alive * s_ * panel.mass[j] * panel.death_inverse[j], panel.purchase_log[j]);
        }
      });
  if (!out.empty()) out[0] += 1 - alive;
}

double ParetoNbdModel::ExpectedDiscounted(const History& h, double discount) const {
  const LomaxRace race = FromNow(h);
  return PAlive(h) * race.purchase.Hazard(0) * race.death.scale *
         DiscountedTail(s_, discount * race.death.scale);
}

double ParetoNbdModel::TimeScale(const History& h) const { return beta_ + h.age; }

// Moments of λ and μ times (1 + u/B)^−s, E[μ e^(−μu)] = s/B (1 + u/B)^−(s+1).
Outlook ParetoNbdModel::OutlookIfAlive(const History& h, const TimeGrid& given) const {
  const LomaxRace race = FromNow(h);
  TimeGrid own;
  const TimeGrid& grid = GridFor(race.death, given, &own);
  const double inverse = 1 / race.death.scale;
  Outlook outlook;
  for (size_t j = 0; j < grid.nodes; ++j) {
    const double u = grid.time[j];
    const double there = std::exp(-s_ * std::log1p(u * inverse));
    const double weight = grid.weight[j] * there;
    const double discounted = weight * grid.discount[j];
    outlook.count += weight;
    outlook.value += discounted;
    outlook.squares += discounted * grid.discount[j];
    outlook.pairs += discounted * DiscountedSpan(u, grid.discount_rate);
    outlook.at_risk += discounted * std::min(u, grid.window) / (race.death.scale + u);
  }
  const double first = race.purchase.Hazard(0);
  const double second = first * (race.purchase.shape + 1) / race.purchase.scale;
  outlook.count *= first;
  outlook.value *= first;
  outlook.squares *= first;
  outlook.pairs *= 2 * second;
  outlook.at_risk *= first * s_;
  outlook.log_quiet_window = race.LogQuiet(grid.window, kSevenDigits);
  outlook.log_quiet_horizon = race.LogQuiet(grid.horizon, kSevenDigits);
  return outlook;
}

double ParetoNbdModel::ValueIfAlive(const History& h, const TimeGrid& grid) const {
  const LomaxRace race = FromNow(h);
  TimeGrid own;
  return ValueOver(race, GridFor(race.death, grid, &own));
}

// A mixture over when they died, u after the last purchase: λ ~ Gamma(r+x, α+t_x+u) and, since a
// death was seen, μ ~ Gamma(s+1, β+t_x+u).
double ParetoNbdModel::ValueIfRevived(const History& h, const TimeGrid& given) const {
  const LomaxRace since = SinceLast(h);
  const LomaxRace at_last = {since.purchase, {s_ + 1, since.death.scale}};
  TimeGrid own;
  const TimeGrid& grid = GridFor(at_last.death, given, &own);
  const double silence = h.age - h.recency;
  if (!(silence > 0)) return ValueOver(at_last, grid);
  double total = 0;
  double value = 0;
  since.Integrate(silence, 1, kSevenDigits, [&](const auto& panel) {
    for (size_t j = 0; j < panel.mass.size(); ++j) {
      const double weight = panel.mass[j] * panel.death_inverse[j];
      total += weight;
      value += weight * ValueOver({{since.purchase.shape, 1 / panel.purchase_inverse[j]},
                                   {s_ + 1, 1 / panel.death_inverse[j]}},
                                  grid);
    }
  });
  return value / total;
}

void ParetoNbdModel::Draw(double length, Random* random, Life* life) const {
  life->rate = DrawGamma(r_, alpha_, random);
  life->dropout = DrawGamma(s_, beta_, random);
  const double death = -std::log(random->UniformOpen()) / life->dropout;
  life->death = death <= length ? death : kInfinity;
  life->times.clear();
  for (double time = 0; time <= std::min(length, death);
       time -= std::log(random->UniformOpen()) / life->rate) {
    life->times.push_back(time);
  }
}

}  // namespace tenure::clv
