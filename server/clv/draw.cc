#include "server/clv/draw.h"

#include <cmath>

namespace tenure::clv {

// Marsaglia's polar method; one of the pair is thrown away to keep no state.
double DrawNormal(Random* random) {
  while (true) {
    const double u = 2 * random->UniformOpen() - 1;
    const double v = 2 * random->UniformOpen() - 1;
    const double s = u * u + v * v;
    if (s > 0 && s < 1) return u * std::sqrt(-2 * std::log(s) / s);
  }
}

namespace {

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

}  // namespace tenure::clv
