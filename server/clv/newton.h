// The maximum of a smooth function within a box: Newton's method with Levenberg's damping, on
// analytic gradients and Hessians. Likelihoods are given in the logs of their parameters.
#ifndef TENURE_SERVER_CLV_NEWTON_H_
#define TENURE_SERVER_CLV_NEWTON_H_

#include <cstddef>
#include <functional>
#include <vector>

#include "server/clv/evaluation.h"
#include "server/clv/square_matrix.h"

namespace tenure::clv {

using Point = std::vector<double>;

// A function's value and derivatives at a point.
struct Surface {
  double value = 0;
  std::vector<double> gradient;
  SquareMatrix hessian;

  explicit Surface(size_t size = 0) : gradient(size, 0.0), hessian(size) {}
  // Of the first `size` entries.
  static Surface Of(const Evaluation& evaluation, size_t size);
};

struct Maximum {
  Point at;
  Surface surface;  // there
  int iterations = 0;
  bool converged = false;    // the gradient vanished, or only wants out of the box
  double gradient_norm = 0;  // largest entry / weight of the gradient, projected on the box
};

// Coordinates stay within ±kLogBound: one that wants to go on is at a boundary.
inline constexpr double kLogBound = 14;

// From `start`, which has as many coordinates as the function wants. `weight` is the number of
// cases, the gradient's scale. Thread-safe if `function` is.
Maximum Maximize(const std::function<Surface(const Point&)>& function, const Point& start,
                 double weight);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_NEWTON_H_
