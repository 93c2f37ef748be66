#include "server/clv/newton.h"

#include <algorithm>
#include <cmath>

namespace tenure::clv {
namespace {

constexpr int kMaxIterations = 200;
constexpr double kGradientTolerance = 1e-9;  // per case
constexpr double kLongestStep = 1.5;         // of a log

// At the box's wall and wanting through it.
bool IsHeld(const Point& at, const Surface& surface, size_t i) {
  return (at[i] >= kLogBound && surface.gradient[i] > 0) ||
         (at[i] <= -kLogBound && surface.gradient[i] < 0);
}

// Of the gradient projected on the box.
double GradientNorm(const Point& at, const Surface& surface, double weight) {
  double norm = 0;
  for (size_t i = 0; i < at.size(); ++i) {
    const double entry = std::abs(surface.gradient[i]);
    // A NaN is no gradient of anything: it must not be lost in a maximum.
    if (!std::isfinite(entry)) return entry;
    if (!IsHeld(at, surface, i)) norm = std::max(norm, entry);
  }
  return norm / weight;
}

// (−H + damping · diag) step = gradient over the coordinates that aren't held, shortened to
// kLongestStep; false where not definite.
bool Step(const Point& at, const Surface& surface, double damping, Point* step) {
  const size_t size = at.size();
  SquareMatrix matrix(size);
  std::vector<double> gradient = surface.gradient;
  double largest = 0;
  for (size_t i = 0; i < size; ++i) largest = std::max(largest, std::abs(surface.hessian(i, i)));
  for (size_t i = 0; i < size; ++i) {
    for (size_t j = 0; j < size; ++j) matrix(i, j) = -surface.hessian(i, j);
    matrix(i, i) += damping * std::max(std::abs(surface.hessian(i, i)), 1e-6 * largest);
  }
  for (size_t i = 0; i < size; ++i) {
    if (!IsHeld(at, surface, i)) continue;
    for (size_t j = 0; j < size; ++j) matrix(i, j) = matrix(j, i) = 0;
    matrix(i, i) = 1;
    gradient[i] = 0;
  }
  SquareMatrix lower;
  if (!Cholesky(matrix, &lower)) return false;
  *step = Solve(lower, gradient);
  double longest = 0;
  for (double each : *step) longest = std::max(longest, std::abs(each));
  if (longest > kLongestStep) {
    for (double& each : *step) each *= kLongestStep / longest;
  }
  return std::isfinite(longest);
}

}  // namespace

Surface Surface::Of(const Evaluation& evaluation, size_t size) {
  Surface surface(size);
  surface.value = evaluation.value;
  for (size_t i = 0; i < size; ++i) {
    surface.gradient[i] = evaluation.gradient[i];
    for (size_t j = 0; j < size; ++j) surface.hessian(i, j) = evaluation.hessian[i][j];
  }
  return surface;
}

Maximum Maximize(const std::function<Surface(const Point&)>& function, const Point& start,
                 double weight) {
  Maximum best;
  best.at = start;
  best.surface = function(start);
  double damping = 1e-3;
  for (;; ++best.iterations) {
    best.gradient_norm = GradientNorm(best.at, best.surface, weight);
    if (!std::isfinite(best.surface.value) || !std::isfinite(best.gradient_norm)) return best;
    best.converged = best.gradient_norm < kGradientTolerance;
    if (best.converged || best.iterations == kMaxIterations) return best;
    bool moved = false;
    while (!moved && damping < 1e12) {
      Point step;
      if (Step(best.at, best.surface, damping, &step)) {
        Point trial = best.at;
        for (size_t i = 0; i < trial.size(); ++i) {
          trial[i] = std::clamp(trial[i] + step[i], -kLogBound, kLogBound);
        }
        Surface there = function(trial);
        if (there.value >= best.surface.value && trial != best.at) {
          moved = true;
          best.at = std::move(trial);
          best.surface = std::move(there);
        }
      }
      damping = moved ? std::max(damping / 10, 1e-15) : damping * 10;
    }
    // Rounding stops the last steps: a gradient this small is still an optimum.
    if (!moved) {
      best.converged = best.gradient_norm < 1e3 * kGradientTolerance;
      return best;
    }
  }
}

}  // namespace tenure::clv
