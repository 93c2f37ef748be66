#include "server/clv/condensed_future.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include "server/clv/condensed_nbd.h"
#include "server/clv/rising.h"

namespace tenure::clv {
namespace {

constexpr double kNothing = 1e-17;     // of a probability, where counts are summed
constexpr double kNegligible = 1e-11;  // where they are integrated
constexpr size_t kCounted = 64;        // purchases up to which those before are counted exactly

// The stages over of the present interval, with their probabilities.
struct Stages {
  int count = 1;
  std::array<double, kMostRegular> weight{};

  explicit Stages(const CondensedFuture& future) {
    weight[0] = 1;
    double sum = 1;
    if (future.v > 0) {
      for (count = 1; count < future.k; ++count) {
        const auto j = static_cast<size_t>(count);
        weight[j] = weight[j - 1] * (future.shape + count - 1) / count * future.v;
        sum += weight[j];
      }
    }
    for (double& each : weight) each /= sum;
  }
};

// One purchase n of a customer with `over` stages behind them, after m = kn − over more events.
struct Arrival {
  double n;
  double m;
  double events;  // P(m events until then): negative binomial
  double kept;    // E[(1 − p)^(n−1)]
};

// Calls visit(Arrival) for all purchases that matter at a time t, from the likeliest on to either
// side. P(m events in (0, t]) = Γ(R+m)/(Γ(R) m!) (A/(A+t))^R (t/(A+t))^m.
template <typename Visit>
void ForArrivals(const CondensedFuture& future, int over, double t, double nothing, Visit&& visit) {
  const double shape = future.shape + over;
  const double z = t / (future.rate + t);
  const double k = future.k;
  const double mode = std::max(0.0, (shape - 1) * t / future.rate);
  const double first = std::max(1.0, std::floor((mode + over) / k));
  const auto at = [&](double n) {
    Arrival arrival{n, k * n - over, 0, 1};
    arrival.events = std::exp(LogRisingValue(shape, arrival.m) - LogGamma(arrival.m + 1) -
                              shape * std::log1p(t / future.rate) + arrival.m * std::log(z));
    if (future.a > 0) {
      arrival.kept =
          std::exp(LogRisingValue(future.b, n - 1) - LogRisingValue(future.a + future.b, n - 1));
    }
    return arrival;
  };
  const auto kept_after = [&](double n) {  // E[(1−p)^n] over E[(1−p)^(n−1)]
    return (future.b + n - 1) / (future.a + future.b + n - 1);
  };
  const Arrival start = at(first);
  Arrival up = start;
  while (true) {
    visit(up);
    double above = 1, below = 1;
    for (int i = 0; i < future.k; ++i) {
      above *= (shape + up.m + i) * z;
      below *= up.m + 1 + i;
    }
    const double ratio = above / below;
    up.events *= ratio;
    up.kept *= kept_after(up.n);
    up.n += 1;
    up.m += k;
    if (ratio < 1 && up.events * up.m < nothing * (1 - ratio) * (1 - ratio)) break;
  }
  Arrival down = start;
  while (down.n > 1) {
    for (int i = 0; i < future.k; ++i) {
      down.events *= down.m / ((shape + down.m - 1) * z);
      down.m -= 1;
    }
    down.n -= 1;
    down.kept /= kept_after(down.n);
    visit(down);
    if (down.events * start.n < nothing) break;
  }
}

// E[how many of the purchases 1 … n − 1 fall before the share w of the time of purchase n], n from
// 1 on: the kn − over − 1 events before that one are uniform over its time, and each k-th is a
// purchase.
class PurchasesBefore {
 public:
  PurchasesBefore(int k, int over, double w) : k_(k), over_(over), w_(w) {
    if (w >= 1) return;
    // How likely (events before w + over) leaves each rest when divided by k.
    std::array<double, kMostRegular> rest{};
    rest[static_cast<size_t>(over)] = 1;
    double mean = 0;
    for (int event = over + 1; event < k * static_cast<int>(kCounted); ++event) {
      if (event % k == 0) mean_[static_cast<size_t>(event / k) - 1] = mean;
      mean += w * rest[static_cast<size_t>(k) - 1];
      double from = rest[static_cast<size_t>(k) - 1];
      for (size_t i = 0; i < static_cast<size_t>(k); ++i) {
        const double stays = rest[i];
        rest[i] = (1 - w) * stays + w * from;
        from = stays;
      }
    }
  }

  double Of(const Arrival& arrival) const {
    if (w_ >= 1) return arrival.n - 1;
    if (arrival.n < static_cast<double>(kCounted)) return mean_[static_cast<size_t>(arrival.n) - 1];
    return ((arrival.m - 1) * w_ + over_ - (k_ - 1) / 2.0) / k_;
  }

 private:
  const int k_;
  const int over_;
  const double w_;
  std::array<double, kCounted> mean_{};
};

// Σ_(i<n) E[e^(−δ t_i)] given that purchase n is at u, decay = δu: t_i/u is Beta(m_i, m − m_i) with
// m_i = ki − over. Up to its second moment; where that is not enough, by the means alone.
double DiscountedBefore(const Arrival& arrival, double k, double over, double decay) {
  const double most = arrival.n - 1;
  if (most <= 0) return 0;
  const double m = arrival.m;
  if (decay < 0.5) {
    const double sum = k * most * arrival.n / 2 - over * most;  // Σ m_i
    const double squares = k * k * most * arrival.n * (2 * most + 1) / 6 -
                           k * over * most * arrival.n + over * over * most;
    return most - decay * sum / m + decay * decay / 2 * (squares + sum) / (m * (m + 1));
  }
  const double step = decay * k / m;
  const double sum = step < 1e-12 ? most : std::expm1(-step * most) / std::expm1(-step);
  return std::exp(decay * over / m - step) * sum * (1 + decay * decay / (12 * (m + 1)));
}

// Edges of panels no longer than the intervals between purchases while those can be told apart,
// then doubling.
TimeGrid OwnGrid(const CondensedFuture& future, const TimeGrid& asked) {
  std::array<double, TimeGrid::kMostPanels + 1> edges;
  size_t count = 0;
  edges[count++] = 0;
  const double interval = future.k * future.rate / future.shape;
  const double told_apart = interval * (1 + 0.6 * std::sqrt(future.shape));
  const size_t most = edges.size() - 4;
  double at = 0;
  bool window_in = false;
  while (at < asked.horizon) {
    const bool swings = future.k > 1 && at < told_apart && count < most;
    double next = swings ? at + 1.25 * interval : at + 1.5 * (future.rate + at);
    if (asked.discount_rate > 0) next = std::min(next, at + 6 / asked.discount_rate);
    if (count >= most) next = asked.horizon;
    if (!window_in && next >= asked.window) {
      next = asked.window;
      window_in = true;
    }
    at = std::min(next, asked.horizon);
    if (at > edges[count - 1]) edges[count++] = at;
    if (count == edges.size()) break;
  }
  edges[count - 1] = asked.horizon;
  return TimeGrid::Between(absl::MakeConstSpan(edges).first(count), asked.window,
                           asked.discount_rate);
}

// Without dropout: P(n purchases in (0, t]), n from 0 on, as far as there is anything.
std::vector<double> UndroppedCounts(const CondensedFuture& future, double t) {
  const Stages stages(future);
  std::vector<double> counts;
  for (int over = 0; over < stages.count; ++over) {
    // Every event is the only one of a customer with k = 1.
    CondensedFuture events = future;
    events.k = 1;
    events.shape = future.shape + over;
    events.a = 0;
    const double weight = stages.weight[static_cast<size_t>(over)];
    const auto add = [&](double event, double probability) {
      const auto n = static_cast<size_t>((event + over) / future.k);
      if (counts.size() <= n) counts.resize(n + 1, 0.0);
      counts[n] += weight * probability;
    };
    add(0, std::exp(-events.shape * std::log1p(t / future.rate)));
    ForArrivals(events, 0, t, kNothing, [&](const Arrival& at) { add(at.m, at.events); });
  }
  return counts;
}

}  // namespace

double CondensedFuture::LogNoPurchase(double t) const {
  const double later = (rate * v + t) / (rate + t);
  return StageSum::LogAt(k, shape, later) - StageSum::LogAt(k, shape, v) -
         shape * std::log1p(t / rate);
}

double CondensedFuture::ExpectedCount(double t) const {
  if (!(t > 0)) return 0;
  const std::vector<double> counts = UndroppedCounts(*this, t);
  // E[N] = Σ_n P(n are reached) E[(1 − p)^(n−1)].
  std::vector<double> kept(counts.size(), 1.0);
  for (size_t n = 2; n < counts.size(); ++n) {
    const auto before = static_cast<double>(n - 2);
    kept[n] = kept[n - 1] * (b + before) / (a + b + before);
  }
  double mean = 0;
  double reached = 0;
  for (size_t n = counts.size(); n-- > 1;) {
    reached += counts[n];
    mean += reached * kept[n];
  }
  return mean;
}

double CondensedFuture::StillThere(double t) const {
  if (!(t > 0)) return 1;
  const std::vector<double> counts = UndroppedCounts(*this, t);
  double kept = 1;  // E[(1 − p)^n]
  double there = 0;
  for (size_t n = 0; n < counts.size(); ++n) {
    there += counts[n] * kept;
    kept *= (b + static_cast<double>(n)) / (a + b + static_cast<double>(n));
  }
  return there;
}

void CondensedFuture::CountProbabilities(double t, absl::Span<double> out) const {
  const std::vector<double> counts = UndroppedCounts(*this, t);
  double reached = 1;
  double kept = 1;
  for (size_t n = 0; n < out.size(); ++n) {
    const double count = n < counts.size() ? counts[n] : 0;
    double ended = 0;  // E[p (1 − p)^(n−1)]
    if (n > 0) {
      const double sum = a + b + static_cast<double>(n - 1);
      ended = kept * a / sum;
      kept *= (b + static_cast<double>(n - 1)) / sum;
    }
    out[n] = kept * count + ended * std::max(reached, 0.0);
    reached -= count;
  }
}

Outlook CondensedFuture::OutlookOver(const TimeGrid& asked) const {
  const Stages stages(*this);
  const TimeGrid grid = OwnGrid(*this, asked);
  Outlook outlook;
  for (size_t node = 0; node < grid.nodes; ++node) {
    const double u = grid.time[node];
    const double weight = grid.weight[node] / u;
    const double decay = grid.discount_rate * u;
    const double discount = grid.discount[node];
    for (int over = 0; over < stages.count; ++over) {
      double count = 0, pairs = 0, at_risk = 0;
      const PurchasesBefore before(k, over, a > 0 ? grid.window / u : 1);
      ForArrivals(*this, over, u, kNegligible, [&](const Arrival& arrival) {
        const double here = arrival.events * arrival.m * arrival.kept;
        count += here;
        pairs += here * DiscountedBefore(arrival, k, over, decay);
        if (a > 0 && arrival.n > 1) {  // E[p (1 − p)^(n−2)]
          at_risk += here * a / (b + arrival.n - 2) * before.Of(arrival);
        }
      });
      const double scaled = weight * stages.weight[static_cast<size_t>(over)];
      outlook.count += scaled * count;
      outlook.value += scaled * discount * count;
      outlook.squares += scaled * discount * discount * count;
      outlook.pairs += 2 * scaled * discount * pairs;
      outlook.at_risk += scaled * discount * at_risk;
    }
  }
  outlook.log_quiet_window = LogNoPurchase(grid.window);
  outlook.log_quiet_horizon = LogNoPurchase(grid.horizon);
  return outlook;
}

double CondensedFuture::ValueOver(const TimeGrid& asked) const {
  const Stages stages(*this);
  const TimeGrid grid = OwnGrid(*this, asked);
  double value = 0;
  for (size_t node = 0; node < grid.nodes; ++node) {
    const double u = grid.time[node];
    for (int over = 0; over < stages.count; ++over) {
      double count = 0;
      ForArrivals(*this, over, u, kNegligible, [&](const Arrival& arrival) {
        count += arrival.events * arrival.m * arrival.kept;
      });
      value += grid.weight[node] / u * grid.discount[node] *
               stages.weight[static_cast<size_t>(over)] * count;
    }
  }
  return value;
}

}  // namespace tenure::clv
