// What pacing earns: a budget spent on a month of arrivals, one after the other, as a share of the
// hindsight optimum (the dual bound over all of them, which no policy can exceed).
// pacing_bench [arrivals], by default 1,000,000.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "server/base/clock.h"
#include "server/base/hash.h"
#include "server/base/random.h"
#include "server/budget/paced_budget.h"
#include "server/budget/pacer.h"

namespace tenure::budget {
namespace {

constexpr int kOffers = 8;
constexpr int kWeeks = 4;
constexpr int64_t kPeriodUs = kWeeks * 7 * kMicrosPerDay;
constexpr uint64_t kSeed = 20'260'101;

using Shape = std::array<double, kHoursOfWeek>;

// Quiet nights, busy evenings, busier weekends.
Shape ShopHours() {
  Shape shape;
  for (size_t h = 0; h < shape.size(); ++h) {
    const double hour = static_cast<double>(h % 24);
    const double day = 0.15 + std::exp(-std::pow((hour - 12.5) / 3.5, 2)) +
                       1.6 * std::exp(-std::pow((hour - 20) / 2.2, 2));
    shape[h] = day * (h / 24 >= 5 ? 1.5 : 1);
  }
  return shape;
}

struct Arrival {
  int64_t at_us;
  std::array<float, kOffers> cost;
  std::array<float, kOffers> net;  // value less cost
};

double Normal(Random* random) {
  return std::sqrt(-2 * std::log(random->UniformOpen())) *
         std::cos(2 * 3.14159265358979323846 * random->Uniform());
}

struct Traffic {
  Shape shape;
  double growth = 0;       // of arrivals over the month: e^growth times as many at its end
  double value_drift = 0;  // of values, likewise
};

// Arrivals with the offers of the planner's campaign instances, in order of time.
std::vector<Arrival> Simulate(size_t count, const Traffic& traffic, uint64_t seed) {
  std::vector<double> before(kWeeks * kHoursOfWeek + 1, 0);
  for (size_t h = 0; h + 1 < before.size(); ++h) {
    const double u = (static_cast<double>(h) + 0.5) / static_cast<double>(before.size() - 1);
    before[h + 1] =
        before[h] + traffic.shape[h % kHoursOfWeek] * std::exp(traffic.growth * (u - 0.5));
  }
  Random random(seed);
  std::vector<Arrival> arrivals(count);
  for (Arrival& arrival : arrivals) {
    const double drawn = random.Uniform() * before.back();
    const auto slice = static_cast<size_t>(std::upper_bound(before.begin(), before.end(), drawn) -
                                           before.begin() - 1);
    const double part = (drawn - before[slice]) / (before[slice + 1] - before[slice]);
    arrival.at_us = static_cast<int64_t>((static_cast<double>(slice) + part) * kMicrosPerHour);
    const double u = static_cast<double>(arrival.at_us) / kPeriodUs;
    const double clv = std::exp(4 + Normal(&random)) * std::exp(traffic.value_drift * (u - 0.5));
    const double p = 0.02 + 0.3 * random.Uniform();
    const double tau = 2 + 10 * random.Uniform();
    for (size_t o = 0; o < kOffers; ++o) {
      const double cost = std::round(100 * 0.05 * std::pow(800.0, random.Uniform())) / 100;
      double value = clv * p * (1 - std::exp(-cost / tau)) * (1 + 0.2 * Normal(&random));
      if (random.Uniform() < 0.08) value = -value;
      arrival.cost[o] = static_cast<float>(cost);
      arrival.net[o] = static_cast<float>(value - cost);
    }
  }
  std::sort(arrivals.begin(), arrivals.end(),
            [](const Arrival& a, const Arrival& b) { return a.at_us < b.at_us; });
  return arrivals;
}

int64_t Micros(float cost) { return std::llround(static_cast<double>(cost) * 100) * 10'000; }

struct Sums {
  double spend = 0;  // units
  double value = 0;
  double lagrangian = 0;  // of net − price · cost
};

// Everybody's best offer at one price.
Sums At(const std::vector<Arrival>& arrivals, double price) {
  Sums sums;
  for (const Arrival& arrival : arrivals) {
    double best = 0;
    int chosen = -1;
    for (size_t o = 0; o < kOffers; ++o) {
      const double score =
          static_cast<double>(arrival.net[o]) - price * static_cast<double>(arrival.cost[o]);
      if (score > best) {
        best = score;
        chosen = static_cast<int>(o);
      }
    }
    if (chosen < 0) continue;
    sums.spend += static_cast<double>(arrival.cost[static_cast<size_t>(chosen)]);
    sums.value += static_cast<double>(arrival.net[static_cast<size_t>(chosen)]);
    sums.lagrangian += best;
  }
  return sums;
}

struct Hindsight {
  double price = 0;
  double bound = 0;
};

Hindsight Solve(const std::vector<Arrival>& arrivals, double budget) {
  Hindsight best;
  double low = 0, high = 1'000;
  best.bound = At(arrivals, 0).lagrangian;
  for (int i = 0; i < 40; ++i) {
    const double price = (low + high) / 2;
    const Sums sums = At(arrivals, price);
    const double bound = sums.lagrangian + price * budget;
    if (bound < best.bound) best = {price, bound};
    (sums.spend > budget ? low : high) = price;
  }
  return best;
}

// What the forecast was learned from: the same folds as the server's.
Shape Learn(size_t count, const Traffic& traffic, uint64_t seed) {
  ArrivalCurve curve;
  int64_t hour = 0;
  for (const Arrival& arrival : Simulate(count, traffic, seed)) {
    const auto h = static_cast<int>(arrival.at_us / kMicrosPerHour % kHoursOfWeek);
    for (; hour < arrival.at_us / kMicrosPerHour; ++hour) {
      curve.Watch(static_cast<int>(hour % kHoursOfWeek), 1);
    }
    curve.Arrive(h);
  }
  return curve.Rates();
}

struct Policy {
  double price = 0;
  bool corrected = false;
  Shape forecast = {};
};

struct Outcome {
  double value = 0;
  int64_t spent_micros = 0;
  int64_t overspent_micros = 0;
};

// The engine's loop with one envelope and nothing else.
class Replay {
 public:
  Replay(const Policy& policy, int64_t budget_micros)
      : policy_(policy), budget_(budget_micros), paced_("budget"), target_(Target(policy)) {}

  Outcome Run(const std::vector<Arrival>& arrivals) {
    uint64_t number = 0;
    for (const Arrival& arrival : arrivals) {
      while (policy_.corrected && now_us_ + kPaceStepUs <= arrival.at_us) Step();
      Decide(arrival, ++number);
    }
    outcome_.overspent_micros = std::max<int64_t>(0, outcome_.spent_micros - budget_);
    return outcome_;
  }

 private:
  static TargetCurve Target(const Policy& policy) {
    std::vector<int64_t> edges;
    std::vector<double> density;
    for (int64_t h = 0; h <= kWeeks * kHoursOfWeek; ++h) edges.push_back(h * kMicrosPerHour + 1);
    for (size_t h = 0; h + 1 < edges.size(); ++h) {
      density.push_back(policy.forecast[h % kHoursOfWeek]);
    }
    return TargetCurve(std::move(edges), std::move(density), false);
  }

  void Step() {
    now_us_ += kPaceStepUs;
    // Instants count from 1, since 0 says never.
    const int64_t at_us = now_us_ + 1;
    const auto hour = static_cast<size_t>((now_us_ - 1) / kMicrosPerHour % kHoursOfWeek);
    const std::vector<PaceReading> readings = {{"budget", budget_, outcome_.spent_micros, true}};
    const auto record =
        paced_.Next(at_us, readings, target_, policy_.forecast[hour], kMicrosPerHour);
    paced_.Apply(record, at_us, static_cast<int>(hour));
    factor_ = record.envelopes[0].factor;
    pass_share_ = record.envelopes[0].pass_share;
  }

  void Decide(const Arrival& arrival, uint64_t number) {
    const auto hour = static_cast<int>(arrival.at_us / kMicrosPerHour % kHoursOfWeek);
    paced_.Arrive(hour, arrival.at_us + 1);
    if (!Passes(pass_share_, CombineHash(kSeed, number), arrival.at_us / kMicrosPerDay)) return;
    const double price = policy_.price * factor_;
    double best = 0;
    int chosen = -1;
    for (size_t o = 0; o < kOffers; ++o) {
      const double score =
          static_cast<double>(arrival.net[o]) - price * static_cast<double>(arrival.cost[o]);
      if (score <= best || outcome_.spent_micros + Micros(arrival.cost[o]) > budget_) continue;
      best = score;
      chosen = static_cast<int>(o);
    }
    if (chosen < 0) return;
    outcome_.value += static_cast<double>(arrival.net[static_cast<size_t>(chosen)]);
    const int64_t held = Micros(arrival.cost[static_cast<size_t>(chosen)]);
    outcome_.spent_micros += held;
    paced_.AddHold(held);
  }

  const Policy& policy_;
  const int64_t budget_;
  PacedBudget paced_;
  const TargetCurve target_;
  int64_t now_us_ = -kPaceStepUs;
  double factor_ = 1, pass_share_ = 1;
  Outcome outcome_;
};

void Print(const char* name, const std::vector<Arrival>& arrivals, const Policy& policy,
           double budget, const Hindsight& hindsight) {
  const auto limit = static_cast<int64_t>(std::llround(budget * 100)) * 10'000;
  const int64_t started_us = MonotonicUs();
  const Outcome outcome = Replay(policy, limit).Run(arrivals);
  const double seconds = static_cast<double>(MonotonicUs() - started_us) * 1e-6;
  std::printf("%-58s %9.4f %% of the hindsight optimum, spent %6.2f %%, overspent %lld, %.2f s\n",
              name, 100 * outcome.value / hindsight.bound,
              100 * static_cast<double>(outcome.spent_micros) / static_cast<double>(limit),
              static_cast<long long>(outcome.overspent_micros), seconds);
}

void Run(size_t count) {
  Traffic usual;
  usual.shape = ShopHours();
  Traffic drifting = usual;
  drifting.growth = 1.4;  // four times as many at the end
  Traffic ageing = usual;
  ageing.value_drift = -1.4;  // worth a quarter at the end
  Traffic decaying = usual;
  decaying.value_drift = -2.8;  // worth a sixteenth at the end
  Shape night = usual.shape;
  std::rotate(night.begin(), night.begin() + 12, night.end());
  Shape uniform;
  uniform.fill(static_cast<double>(count) / (kWeeks * kHoursOfWeek));
  const Shape learned = Learn(count, usual, kSeed + 1);

  std::vector<Arrival> arrivals = Simulate(count, usual, kSeed);
  const double budget = std::round(0.1 * At(arrivals, 0).spend);
  Hindsight best = Solve(arrivals, budget);
  std::printf("%zu arrivals in %d weeks, a budget of a tenth of what they would take, price %.4f\n",
              count, kWeeks, best.price);
  Print("no pacing", arrivals, {}, budget, best);
  Print("planned price, never corrected", arrivals, {best.price}, budget, best);
  Print("planned price 0.7 times too low, never corrected", arrivals, {0.7 * best.price}, budget,
        best);
  const struct {
    const char* name;
    const Shape& forecast;
  } forecasts[] = {{"right forecast", usual.shape},
                   {"learned forecast", learned},
                   {"uniform forecast", uniform},
                   {"forecast wrong by half a day", night}};
  for (const auto& [name, forecast] : forecasts) {
    for (const double start : {1.0, 1.0 / 3, 3.0}) {
      char label[96];
      std::snprintf(label, sizeof(label), "corrected, %s, start %.2f x", name, start);
      Print(label, arrivals, {start * best.price, true, forecast}, budget, best);
    }
  }
  const double planned = best.price;
  // Where nobody is asked no policy can earn anything, not even in hindsight.
  arrivals.erase(std::remove_if(arrivals.begin(), arrivals.end(),
                                [](const Arrival& arrival) {
                                  return arrival.at_us / kMicrosPerDay == kWeeks * 7 / 2;
                                }),
                 arrivals.end());
  best = Solve(arrivals, budget);
  Print("corrected, learned forecast, a day of silence", arrivals, {planned, true, learned}, budget,
        best);
  const struct {
    const char* name;
    const Traffic& traffic;
  } drifts[] = {{"drift: four times the traffic at the end", drifting},
                {"drift: values fall to a quarter", ageing},
                {"drift: values fall to a sixteenth", decaying}};
  for (const auto& [name, traffic] : drifts) {
    arrivals = Simulate(count, traffic, kSeed);
    best = Solve(arrivals, budget);
    Print(name, arrivals, {planned, true, learned}, budget, best);
  }
}

}  // namespace
}  // namespace tenure::budget

int main(int argc, char** argv) {
  tenure::budget::Run(argc > 1 ? static_cast<size_t>(std::atol(argv[1])) : 1'000'000);
  return 0;
}
