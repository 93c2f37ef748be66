#include "server/clv/alive_process.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

#include "server/clv/dropout_means.h"

namespace tenure::clv {
namespace {

constexpr size_t kBlock = TimeGrid::kBlock;  // nodes summed together
using Nodes = std::array<double, TimeGrid::kMostNodes>;

// The nodes of ordinary options: their loops are unrolled.
constexpr size_t kUsual = TimeGrid::kUsual;

// Gauss-Hermite of 7 points: at ±x the weight e^(−x²).
constexpr std::array<std::pair<double, double>, 4> kHermite = {
    {{0, 0.8102646175568073},
     {0.8162878828589647, 0.4256072526101278},
     {1.6735516287674714, 0.05451558281912703},
     {2.6519613568352334, 0.0009717812450995192}}};
// Standard deviations of logit p times how steep the integrand is, up to which those points have
// 12 digits: the error is (spread · steepness)^14 · 7!/14!.
constexpr double kNarrow = 0.3;
// Up to here the skewness of the density is a factor that the points have as exactly.
constexpr double kHardlySkewed = 0.02;

double SpreadOfDropout(double a, double b) { return std::sqrt(1 / a + 1 / b); }
// Below it the density is Gauss's, and the digits of its own logarithm are lost.
constexpr double kGaussian = 1e-6;

// Whether Beta(a, b) is so narrow that a few points do: a fit at the boundary, where the simpler
// model has one p for all.
bool IsNarrow(double a, double b, double steepness) {
  if (a <= 0) return false;
  const double spread = SpreadOfDropout(a, b);
  return spread < kHardlySkewed && spread * (steepness + 2) < kNarrow;
}

// Steps of the trapezoid rule: in logit p, and in its standard deviations at most; and what of p,
// times how steep the integrand is, is nothing.
constexpr double kLogitStep = 0.25;
constexpr double kStepOfSpread = 0.6;
constexpr double kFlat = 1e-18;

// Calls visit(p, weight) over p ~ Beta(a, b) by the trapezoid rule in logit p; the weights sum to
// what is returned. The integrand must be analytic in p and flat where p · slope is below 1e-18;
// there the rest of the sum is a geometric series. Its logarithm grows with ln p by `steepness` at
// most, and where that leaves it nearly straight over a narrow Beta seven points do.
template <typename Visit>
double OverDropout(double a, double b, double slope, double steepness, Visit&& visit) {
  if (a <= 0) {
    visit(0.0, 1.0);
    return 1;
  }
  const double spread = SpreadOfDropout(a, b);
  const double h = std::min(kLogitStep, kStepOfSpread * spread);
  const double mode = std::log(a / b);
  const auto log_density = [a, b](double w) {
    const double small = std::log1p(std::exp(-std::abs(w)));
    return w > 0 ? -a * small - b * (w + small) : a * (w - small) - b * small;
  };
  const double peak = log_density(mode);
  double total = 0;
  if (IsNarrow(a, b, steepness)) {
    for (const auto& [x, hermite] : kHermite) {
      for (const double side : {-x, x}) {
        const double w = mode + std::sqrt(2.0) * spread * side;
        const double skewed = spread < kGaussian ? 1 : std::exp(log_density(w) - peak + x * x);
        // Both sides meet at 0, which counts half there.
        const double weight = (x == 0 ? 0.5 : 1) * hermite * skewed;
        visit(1 / (1 + std::exp(-w)), weight);
        total += weight;
      }
    }
    return total;
  }
  for (const int direction : {-1, 1}) {
    const double tail = direction < 0 ? a : b;
    const double flat = kFlat / (tail == a ? b + slope + 1 : a + slope + 1);
    for (int k = direction < 0 ? 0 : 1;; ++k) {
      const double w = mode + direction * k * h;
      double weight = std::exp(log_density(w) - peak);
      const double near = std::exp(direction * -w);  // about p on the left, 1 − p on the right
      const bool last = near < flat || weight < 1e-60;
      if (last) weight /= -std::expm1(-tail * h);
      visit(1 / (1 + std::exp(-w)), weight);
      total += weight;
      if (last) break;
    }
  }
  return total;
}

// The same points as OverDropout's, of the sums that are always over all of them.
LogitRule RuleFor(double a, double b, double slope) {
  return {a,
          b,
          std::min(kLogitStep, kStepOfSpread * SpreadOfDropout(a, b)),
          std::log(a / b),
          -std::log(kFlat / (b + slope + 1)),
          -std::log(kFlat / (a + slope + 1))};
}

// Whether the trapezoid rule is due, of times in which p t/rate is a normal number for all its p.
bool SumsInLanes(const AliveProcess& process, double t, double steepness) {
  const double y = t / process.rate;
  return process.a > 0 && y > 1e-200 && y < 1e200 && process.shape < 1e15 &&
         !IsNarrow(process.a, process.b, steepness);
}

// How steeply ln φ may fall, in ln(1 + u/s), for the points of an ordinary grid.
constexpr double kGentleFall = 3;

// The grid for φ(u) below: the given one unless φ falls too steeply for its points, as where they
// buy often and many drop out soon. Then one in the scale on which it falls: with the slope that
// it has at 0, φ ends like the power of p's density or of the rate's, whichever is gentler.
const TimeGrid& GridFor(const AliveProcess& process, const TimeGrid& given, TimeGrid* own) {
  if (process.a <= 0) return given;
  const double p = process.a / (process.a + process.b);
  const double slope = (process.shape + 1) * p / process.rate;
  if (slope * std::min(given.scale, given.horizon) <= kGentleFall) return given;
  const double power = std::min(process.a, process.shape + 1);
  *own = TimeGrid::Over(given.window, given.horizon, given.discount_rate, power / slope,
                        power > kGentleFall ? power : 0);
  return *own;
}

// φ(u) = E_p[(1 + p u/rate)^−(shape+1)] and ψ(u) = E_p[p (1 + p u/rate)^−(shape+2)]: the rate of
// purchases at u, and of dropouts' loss, over shape/rate and shape (shape+1)/rate².
struct Profile {
  Nodes phi;
  Nodes psi;
};

// By ₂F₁ after Pfaff's transformation: φ = (1+y)^−a F(a, e; c; z), ψ = a/c (1+y)^−(a+1)
// F(a+1, e; c+1; z), with y = u/rate, z = y/(1+y), c = a+b, e = c − shape − 1. False where the
// series is slow or cancels.
template <bool kPsi, size_t kNodes>
bool ProfileBySeries(const AliveProcess& process, const TimeGrid& grid, Profile* profile) {
  const double a = process.a;
  const double c = a + process.b;
  const double e = c - process.shape - 1;
  const size_t nodes = kNodes > 0 ? kNodes : grid.nodes;
  Nodes z;
  Nodes log1p_y;
  double log1p_last = 0;  // the largest, since times ascend
  for (size_t j = 0; j < nodes; ++j) {
    const double y = grid.time[j] / process.rate;
    log1p_last = log1p_y[j] = std::log1p(y);
    z[j] = y / (1 + y);
  }
  if (a * log1p_last > 300) return false;
  Nodes power;
  Nodes phi;
  Nodes psi;
  std::fill_n(power.begin(), nodes, 1.0);
  std::fill_n(phi.begin(), nodes, 1.0);
  std::fill_n(psi.begin(), nodes, 1.0);
  double term = 1;
  double term_psi = 1;
  double largest = 1;
  size_t first = 0;  // the block of nodes that still changes; times ascend, so later ones do too
  for (int k = 0;; ++k) {
    if (k == 1'000) return false;
    const double scaled = (e + k) / (k + 1);
    const double ratio = scaled * (a + k) / (c + k);
    const double ratio_psi = kPsi ? scaled * (a + 1 + k) / (c + 1 + k) : 0;
    term *= ratio;
    term_psi *= ratio_psi;
    for (size_t block = first; block < nodes; block += kBlock) {
      for (size_t j = block; j < block + kBlock; ++j) {
        power[j] *= z[j];
        phi[j] += term * power[j];
        if constexpr (kPsi) psi[j] += term_psi * power[j];
      }
    }
    const double last = kPsi ? term_psi : term;
    const double last_ratio = kPsi ? ratio_psi : ratio;
    largest = std::max(largest, std::abs(last) * power[nodes - 1]);
    // The rest of a node's sum is nearly geometric: once it is small it is added as if it were.
    const size_t end = first + kBlock - 1;
    const double next = std::max(std::abs(last_ratio), 1.0) * z[end];
    const double sum = std::abs(kPsi ? psi[end] : phi[end]);
    if (next < 1 && std::abs(last) * power[end] * next < 1e-7 * (1 - next) * sum) {
      for (size_t j = first; j < first + kBlock; ++j) {
        const double step = ratio * z[j];
        phi[j] += term * power[j] * step / (1 - step);
        if constexpr (kPsi) {
          const double step_psi = ratio_psi * z[j];
          psi[j] += term_psi * power[j] * step_psi / (1 - step_psi);
        }
      }
      first += kBlock;
      if (first == nodes) break;
    }
  }
  if (!(largest < 1e5 * phi[nodes - 1]) || (kPsi && !(largest < 1e5 * psi[nodes - 1]))) {
    return false;
  }
  for (size_t j = 0; j < nodes; ++j) {
    const double factor = std::exp(-a * log1p_y[j]);
    profile->phi[j] = factor * phi[j];
    if constexpr (kPsi) profile->psi[j] = factor * (1 - z[j]) * a / c * psi[j];
  }
  return true;
}

template <bool kPsi, size_t kNodes>
Profile ProfileAt(const AliveProcess& process, const TimeGrid& grid) {
  const size_t nodes = kNodes > 0 ? kNodes : grid.nodes;
  Profile profile;
  if (process.a <= 0) {
    std::fill_n(profile.phi.begin(), nodes, 1.0);
    std::fill_n(profile.psi.begin(), nodes, 0.0);
    return profile;
  }
  const bool is_narrow = IsNarrow(process.a, process.b, process.shape + 2);
  if (!is_narrow && ProfileBySeries<kPsi, kNodes>(process, grid, &profile)) return profile;
  std::fill_n(profile.phi.begin(), nodes, 0.0);
  std::fill_n(profile.psi.begin(), nodes, 0.0);
  const double slope = (process.shape + 2) * grid.time[nodes - 1] / process.rate;
  const auto add = [&](double p, double weight) {
    for (size_t j = 0; j < nodes; ++j) {
      const double log = std::log1p(p * grid.time[j] / process.rate);
      const double density = weight * std::exp(-(process.shape + 1) * log);
      profile.phi[j] += density;
      if constexpr (kPsi) profile.psi[j] += density * p * std::exp(-log);
    }
  };
  const double total = OverDropout(process.a, process.b, slope, process.shape + 2, add);
  for (size_t j = 0; j < nodes; ++j) {
    profile.phi[j] /= total;
    profile.psi[j] /= total;
  }
  return profile;
}

}  // namespace

double AliveProcess::ExpectedCount(double t) const {
  if (!(t > 0)) return 0;
  if (SumsInLanes(*this, t, shape + 1)) {
    return MeanCount(RuleFor(a, b, (shape + 1) * t / rate), shape, t / rate);
  }
  const double slope = (shape + 1) * t / rate;
  double sum = 0;
  const double total = OverDropout(a, b, slope, shape + 1, [&](double p, double weight) {
    const double ended = p * t / rate;
    sum +=
        weight * (ended < 1e-300 ? shape * t / rate : -std::expm1(-shape * std::log1p(ended)) / p);
  });
  return sum / total;
}

double AliveProcess::LogNoPurchase(double t) const { return -shape * std::log1p(t / rate); }

double AliveProcess::StillThere(double t) const {
  if (!(t > 0)) return 1;
  if (SumsInLanes(*this, t, shape)) {
    return MeanStay(RuleFor(a, b, shape * t / rate), shape, t / rate);
  }
  double sum = 0;
  const double total = OverDropout(a, b, shape * t / rate, shape, [&](double p, double weight) {
    sum += weight * std::exp(-shape * std::log1p(p * t / rate));
  });
  return sum / total;
}

double AliveProcess::ExpectedDiscounted(double discount) const {
  if (a <= 0) return shape / rate / discount;
  // Beyond it discounting leaves e^−45 of anything.
  const double forever = 45 / discount;
  return ValueOver(TimeGrid::Over(forever, forever, discount, rate));
}

Outlook AliveProcess::OutlookOver(const TimeGrid& given) const {
  TimeGrid own;
  const TimeGrid& grid = GridFor(*this, given, &own);
  const Profile profile =
      grid.nodes == kUsual ? ProfileAt<true, kUsual>(*this, grid) : ProfileAt<true, 0>(*this, grid);
  const double first = shape / rate;
  const double second = first * (shape + 1) / rate;
  Outlook outlook;
  for (size_t j = 0; j < grid.nodes; ++j) {
    const double u = grid.time[j];
    const double discounted = grid.weight[j] * grid.discount[j];
    const double phi = profile.phi[j];
    const double psi = profile.psi[j];
    outlook.count += grid.weight[j] * phi;
    outlook.value += discounted * phi;
    outlook.squares += discounted * grid.discount[j] * phi;
    // A pair at s < u: alive at s, kept after it, alive at u: λ² (1 − p) e^(−λ p u).
    const double both = std::max(0.0, phi - (1 + u / rate) * psi);
    outlook.pairs += discounted * DiscountedSpan(u, grid.discount_rate) * both;
    outlook.at_risk += discounted * std::min(u, grid.window) * psi;
  }
  outlook.log_quiet_window = LogNoPurchase(grid.window);
  outlook.log_quiet_horizon = LogNoPurchase(grid.horizon);
  outlook.count *= first;
  outlook.value *= first;
  outlook.squares *= first;
  outlook.pairs *= 2 * second;
  outlook.at_risk *= second;
  return outlook;
}

double AliveProcess::ValueOver(const TimeGrid& given) const {
  TimeGrid own;
  const TimeGrid& grid = GridFor(*this, given, &own);
  const Profile profile = grid.nodes == kUsual ? ProfileAt<false, kUsual>(*this, grid)
                                               : ProfileAt<false, 0>(*this, grid);
  double value = 0;
  for (size_t j = 0; j < grid.nodes; ++j) {
    value += grid.weight[j] * grid.discount[j] * profile.phi[j];
  }
  return value * shape / rate;
}

}  // namespace tenure::clv
