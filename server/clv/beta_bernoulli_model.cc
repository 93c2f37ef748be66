#include "server/clv/beta_bernoulli_model.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "server/clv/beta_bernoulli.h"
#include "server/clv/beta_mean.h"
#include "server/clv/draw.h"
#include "server/clv/rising.h"

namespace tenure::clv {
namespace {

constexpr double kRounding = 1e-9;  // times that were scaled are whole but for it
constexpr double kLarge = 1e200;    // sums are taken down from here
constexpr double kNever = std::numeric_limits<double>::infinity();

double WholeOf(double time) {
  return std::clamp(std::floor(time * (1 + kRounding) + kRounding), 0.0, 1.0 * kMostOccasions);
}

// Σ_(k=1)^count e^(−rate k) P(still there for occasion k), θ ~ Beta(g, d).
double PresentOccasions(double g, double d, double count, double rate) {
  const double step = std::exp(-rate);
  double term = step;
  double sum = 0;
  for (double k = 0; k < count && term > 1e-18 * sum; ++k) {
    sum += term;
    term *= step * (d + k) / (g + d + k);
  }
  return sum;
}

}  // namespace

BetaBernoulliModel::BetaBernoulliModel(double alpha, double beta, double gamma, double delta)
    : PurchaseModel("bg_bb", {alpha, beta, gamma, delta}),
      alpha_(alpha),
      beta_(beta),
      gamma_(gamma),
      delta_(delta) {}

BetaBernoulliModel::BetaBernoulliModel(double alpha, double beta)
    : PurchaseModel("beta_binomial", {alpha, beta}),
      alpha_(alpha),
      beta_(beta),
      gamma_(0),
      delta_(1) {}

BetaBernoulliModel::Known BetaBernoulliModel::Count(const History& history) {
  const double n = WholeOf(history.age);
  const double last = std::min(WholeOf(history.recency), n);
  return {std::min(history.frequency, last), last, n};
}

BetaBernoulliModel::Process BetaBernoulliModel::Alive(const Known& known) const {
  return {alpha_ + known.x, beta_ + known.n - known.x, gamma_, delta_ + known.n + 1};
}

double BetaBernoulliModel::TimeScale(const History& history) const {
  return std::max(history.age, 1.0);
}

// Over the chance to be alive for n + 1, that to have left after occasion m is γ/(δ+n) at m = n,
// and for each m before more by (α+β+m)/(β+m−x) (γ+δ+m+1)/(δ+m).
double BetaBernoulliModel::LogOddsDead(const History& history) const {
  if (gamma_ <= 0) return -kNever;
  const Known known = Count(history);
  double term = gamma_ / (delta_ + known.n);
  double sum = term;
  double log_scale = 0;
  for (double m = known.n - 1; m >= known.last; --m) {
    term *=
        (alpha_ + beta_ + m) / (beta_ + m - known.x) * ((gamma_ + delta_ + m + 1) / (delta_ + m));
    sum += term;
    if (sum > kLarge) {
      sum /= kLarge;
      term /= kLarge;
      log_scale += std::log(kLarge);
    }
  }
  return log_scale + std::log(sum);
}

double BetaBernoulliModel::RowLogLikelihood(const History& history) const {
  const Known known = Count(history);
  const double buys = LogRisingValue(alpha_, known.x) + LogRisingValue(beta_, known.n - known.x) -
                      LogRisingValue(alpha_ + beta_, known.n);
  if (gamma_ <= 0) return buys;
  const double z = LogOddsDead(history);
  return buys + LogBetaSurvival(gamma_, delta_, known.n + 1) + std::max(z, 0.0) +
         std::log1p(std::exp(-std::abs(z)));
}

double BetaBernoulliModel::PAliveAfter(const History& history, double t) const {
  const Process process = Alive(Count(history));
  return PAlive(history) * BetaSurvival(process.g, process.d, WholeOf(t));
}

// An occasion more without a purchase: the odds grow by the chance of its silence alive, and of
// leaving after it.
double BetaBernoulliModel::SilenceUntil(const History& history, double log_odds) const {
  double z = LogOddsDead(history);
  if (z >= log_odds) return 0;
  if (gamma_ <= 0) return kNever;
  const Known known = Count(history);
  for (double n = known.n; n < kMostOccasions; ++n) {
    z += std::log((alpha_ + beta_ + n) / (beta_ + n - known.x)) +
         std::log((gamma_ + delta_ + n + 1) / (delta_ + n + 1));
    const double leaves = std::log(gamma_ / (delta_ + n + 1));
    z = std::max(z, leaves) + std::log1p(std::exp(-std::abs(z - leaves)));
    if (z >= log_odds) return std::max(n + 1 - history.age, 0.0);
  }
  return kNever;
}

double BetaBernoulliModel::RhythmLimit(const History& history) const {
  const Known known = Count(history);
  const double a = alpha_ + known.x;
  double b = beta_ + known.last - known.x;
  double silent = 1;
  for (int k = 1; k <= kMostOccasions; ++k, ++b) {
    silent *= b / (a + b);
    if (silent <= 0.05) return k;
  }
  return kNever;
}

double BetaBernoulliModel::ExpectedPurchases(const History& history, double t) const {
  const Process process = Alive(Count(history));
  return PAlive(history) * process.a / (process.a + process.b) *
         PresentOccasions(process.g, process.d, WholeOf(t), 0);
}

// With i occasions lived to, the count is beta-binomial; i = 1 … count, the last if they stay.
void BetaBernoulliModel::CountProbabilities(const History& history, double t,
                                            absl::Span<double> out) const {
  const Process process = Alive(Count(history));
  const double alive = PAlive(history);
  const double count = WholeOf(t);
  for (size_t index = 0; index < out.size(); ++index) {
    const auto x = static_cast<double>(index);
    double sum = 0;
    // P(x purchases in i occasions), from i = x on; the chance to have lived to i and no further.
    double log_buys = LogRisingValue(process.a, x) - LogRisingValue(process.a + process.b, x);
    double log_stays = LogBetaSurvival(process.g, process.d, std::max(x - 1, 0.0));
    for (double i = x; i <= count; ++i) {
      if (i > 0 || count == 0) {
        const double leaves =
            i < count ? std::log(process.g / (process.g + process.d + i - 1)) : 0.0;
        sum += std::exp(log_buys + log_stays + leaves);
        if (i > 0) log_stays += std::log((process.d + i - 1) / (process.g + process.d + i - 1));
      }
      log_buys +=
          std::log((i + 1) / (i + 1 - x) * (process.b + i - x) / (process.a + process.b + i));
    }
    out[index] = alive * sum;
  }
  if (!out.empty()) out[0] += 1 - alive;
}

double BetaBernoulliModel::ExpectedDiscounted(const History& history, double discount) const {
  const Process process = Alive(Count(history));
  const double present = process.g > 0 ? BetaDiscountedLifetime(process.g, process.d, discount)
                                       : -1 / std::expm1(-discount);
  return PAlive(history) * process.a / (process.a + process.b) * std::exp(-discount) * present;
}

Outlook BetaBernoulliModel::OutlookIfAlive(const History& history, const TimeGrid& grid) const {
  const Process process = Alive(Count(history));
  const double horizon = WholeOf(grid.horizon);
  const double window = WholeOf(grid.window);
  const double total = process.a + process.b;
  const double buys = process.a / total;
  const double buys_twice = buys * (process.a + 1) / (total + 1);
  const double step = std::exp(-grid.discount_rate);
  Outlook outlook;
  double discount = 1;  // e^(−δ k)
  double before = 0;    // Σ of them before k
  double here = 1;      // P(still there for k)
  double left = 0;      // P(left after k − 1)
  double silent = 1;    // P(no purchase in k occasions), in all of which they are there
  double quiet = 0;     // P(they left before k, none bought)
  double quiet_window = 1;
  for (double k = 1; k <= horizon; ++k) {
    discount *= step;
    quiet += left * silent;
    outlook.count += buys * here;
    outlook.value += buys * here * discount;
    outlook.squares += buys * here * discount * discount;
    outlook.pairs += 2 * buys_twice * here * discount * before;
    outlook.at_risk += buys * discount * std::min(k - 1, window) * left;
    before += discount;
    silent *= (process.b + k - 1) / (total + k - 1);
    if (k == window) quiet_window = quiet + here * silent;
    left = here * process.g / (process.g + process.d + k - 1);
    here *= (process.d + k - 1) / (process.g + process.d + k - 1);
    if (k == horizon) outlook.log_quiet_horizon = std::log(quiet + (here + left) * silent);
  }
  outlook.log_quiet_window = std::log(quiet_window);
  return outlook;
}

double BetaBernoulliModel::ValueIfAlive(const History& history, const TimeGrid& grid) const {
  const Process process = Alive(Count(history));
  return process.a / (process.a + process.b) *
         PresentOccasions(process.g, process.d, WholeOf(grid.horizon), grid.discount_rate);
}

// The mean over the occasion m after which they left: then p ~ Beta(α+x, β+m−x) and θ ~ Beta(γ+1,
// δ+m). Their present occasions, V(m) = z (1 + (δ+m)/(γ+1+δ+m) (V(m+1) − its last term)), and
// the weights are taken from m = n down.
double BetaBernoulliModel::ValueIfRevived(const History& history, const TimeGrid& grid) const {
  const double horizon = WholeOf(grid.horizon);
  if (gamma_ <= 0 || horizon < 1) return ValueIfAlive(history, grid);
  const Known known = Count(history);
  const double g = gamma_ + 1;
  const double step = std::exp(-grid.discount_rate);
  double present = PresentOccasions(g, delta_ + known.n, horizon, grid.discount_rate);
  double last = BetaSurvival(g, delta_ + known.n, horizon - 1) *
                std::exp(-grid.discount_rate * horizon);  // its last term
  double weight = 1;
  double weights = 0;
  double sum = 0;
  for (double m = known.n;; --m) {
    weights += weight;
    sum += weight * (alpha_ + known.x) / (alpha_ + beta_ + m) * present;
    if (m <= known.last) break;
    const double d = delta_ + m - 1;
    present = step * (1 + d / (g + d) * (present - last));
    last *= d / (g + d) * ((g + d + horizon - 1) / (d + horizon - 1));
    weight *= (alpha_ + beta_ + m - 1) / (beta_ + m - 1 - known.x) * ((g + d) / d);
    if (weight > kLarge) {
      weight /= kLarge;
      weights /= kLarge;
      sum /= kLarge;
    }
  }
  return sum / weights;
}

void BetaBernoulliModel::Draw(double length, Random* random, Life* life) const {
  life->rate = DrawBeta(alpha_, beta_, random);
  life->dropout = gamma_ > 0 ? DrawBeta(gamma_, delta_, random) : 0;
  life->death = kNever;
  life->times.assign(1, 0.0);
  for (double k = 1; k <= WholeOf(length) + 1; ++k) {
    if (gamma_ > 0 && random->Uniform() < life->dropout) {
      life->death = k - 1;
      return;
    }
    if (k <= length && random->Uniform() < life->rate) life->times.push_back(k);
  }
}

}  // namespace tenure::clv
