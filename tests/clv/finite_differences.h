// Derivatives by central differences, against which analytic ones are held.
#ifndef TENURE_TESTS_CLV_FINITE_DIFFERENCES_H_
#define TENURE_TESTS_CLV_FINITE_DIFFERENCES_H_

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <functional>

#include "server/clv/evaluation.h"

namespace tenure::clv {

// The value against the gradient, and the gradient against the Hessian, of the first `size`.
inline void ExpectDerivatives(const std::function<Evaluation(const Vector&)>& function, Vector at,
                              size_t size) {
  const Evaluation there = function(at);
  for (size_t i = 0; i < size; ++i) {
    Vector up = at, down = at;
    const double h = 1e-5 * at[i];
    up[i] += h;
    down[i] -= h;
    const Evaluation above = function(up), below = function(down);
    const double slope = (above.value - below.value) / (2 * h);
    EXPECT_NEAR(there.gradient[i], slope, 1e-6 * (1 + std::abs(slope))) << "parameter " << i;
    for (size_t j = 0; j < size; ++j) {
      const double bend = (above.gradient[j] - below.gradient[j]) / (2 * h);
      EXPECT_NEAR(there.hessian[i][j], bend, 1e-5 * (1 + std::abs(bend))) << i << ", " << j;
    }
  }
}

}  // namespace tenure::clv

#endif  // TENURE_TESTS_CLV_FINITE_DIFFERENCES_H_
