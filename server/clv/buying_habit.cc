#include "server/clv/buying_habit.h"

#include <cmath>
#include <limits>

#include "server/clv/draw.h"

namespace tenure::clv {
namespace {

// ln P(Gamma(k, 1) > x), k whole: the Poisson sum.
double LogErlangTail(int k, double x) {
  double term = 1, sum = 1;
  for (int j = 1; j < k; ++j) {
    term *= x / j;
    sum += term;
  }
  return std::log(sum) - x;
}

}  // namespace

BuyingHabit::Departure BuyingHabit::DepartureOf(const ModelKind& kind) {
  for (const ModelKind::Parameter& parameter : kind.parameters) {
    if (parameter.process != ModelKind::Process::kDropout) continue;
    return parameter.is_time ? Departure::kByTheClock : Departure::kAtPurchase;
  }
  return Departure::kNever;
}

double BuyingHabit::DrawInterval(Random* random) const {
  if (regularity == 1) return -std::log(random->UniformOpen()) / rate;
  return DrawGamma(regularity, regularity * rate, random);
}

double BuyingHabit::Continue(double from, double until, Random* random,
                             std::vector<double>* times) const {
  for (double time = from + DrawInterval(random); time <= until; time += DrawInterval(random)) {
    times->push_back(time);
    if (departure == Departure::kAtPurchase && random->Uniform() < dropout) return time;
  }
  return std::numeric_limits<double>::infinity();
}

double BuyingHabit::Silent(double silence, double length) const {
  const double pace = regularity * rate;
  return std::exp(LogErlangTail(regularity, pace * (silence + length)) -
                  LogErlangTail(regularity, pace * silence));
}

}  // namespace tenure::clv
