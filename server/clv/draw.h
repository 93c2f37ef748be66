// Draws from the distributions that the models mix over. The same state of `random` gives the same
// draws on every machine with the same libm.
#ifndef TENURE_SERVER_CLV_DRAW_H_
#define TENURE_SERVER_CLV_DRAW_H_

#include "server/base/random.h"

namespace tenure::clv {

double DrawNormal(Random* random);
// Gamma(shape, rate): Marsaglia, Tsang 2000. Beta(a, b): a ratio of two of them, in logs so that
// small parameters give small numbers and not 0/0.
double DrawGamma(double shape, double rate, Random* random);
double DrawBeta(double a, double b, Random* random);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_DRAW_H_
