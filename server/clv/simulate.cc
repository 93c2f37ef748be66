#include "server/clv/simulate.h"

#include <cmath>
#include <limits>

#include "server/base/hash.h"

namespace tenure::clv {
namespace {

// Marsaglia's polar method; one of the pair is thrown away to keep no state.
double DrawNormal(Random* random) {
  while (true) {
    const double u = 2 * random->UniformOpen() - 1;
    const double v = 2 * random->UniformOpen() - 1;
    const double s = u * u + v * v;
    if (s > 0 && s < 1) return u * std::sqrt(-2 * std::log(s) / s);
  }
}

double DrawLogGamma(double shape, Random* random) {
  if (shape < 1) {
    const double above = DrawLogGamma(shape + 1, random);
    return above + std::log(random->UniformOpen()) / shape;
  }
  const double d = shape - 1. / 3;
  const double c = 1 / std::sqrt(9 * d);
  while (true) {
    const double x = DrawNormal(random);
    const double root = 1 + c * x;
    if (root <= 0) continue;
    const double v = root * root * root;
    if (std::log(random->UniformOpen()) < 0.5 * x * x + d - d * v + d * std::log(v)) {
      return std::log(d * v);
    }
  }
}

}  // namespace

double DrawGamma(double shape, double rate, Random* random) {
  return std::exp(DrawLogGamma(shape, random)) / rate;
}

double DrawBeta(double a, double b, Random* random) {
  const double log_x = DrawLogGamma(a, random);
  const double log_y = DrawLogGamma(b, random);
  return 1 / (1 + std::exp(log_y - log_x));
}

Simulator::Simulator(const PurchaseModel& purchase, const GammaGamma& spend, uint64_t seed)
    : purchase_(purchase), spend_(spend), seed_(seed) {}

double Simulator::UniformOf(uint64_t index, uint64_t purpose) const {
  return Random(CombineHash(CombineHash(seed_, purpose), index)).Uniform();
}

void Simulator::Draw(uint64_t index, double length, SimulatedCustomer* customer) const {
  Random random(CombineHash(seed_, index));
  customer->lambda = DrawGamma(purchase_.r, purchase_.alpha, &random);
  customer->dropout =
      purchase_.kind == PurchaseKind::kNbd ? 0 : DrawBeta(purchase_.a, purchase_.b, &random);
  const double spend_rate = spend_.p > 0 ? DrawGamma(spend_.q, spend_.v, &random) : 0;
  customer->mean_spend = spend_.p > 0 ? spend_.p / spend_rate : 1;
  customer->death = std::numeric_limits<double>::infinity();
  customer->times.clear();
  customer->spends.clear();
  double time = 0;
  while (time <= length) {
    customer->times.push_back(time);
    customer->spends.push_back(spend_.p > 0 ? DrawGamma(spend_.p, spend_rate, &random) : 1);
    const bool may_end =
        time > 0 ? purchase_.kind != PurchaseKind::kNbd : purchase_.kind == PurchaseKind::kMbgNbd;
    if (may_end && random.Uniform() < customer->dropout) {
      customer->death = time;
      return;
    }
    time -= std::log(random.UniformOpen()) / customer->lambda;
  }
}

}  // namespace tenure::clv
