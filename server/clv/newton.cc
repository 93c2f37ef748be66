#include "server/clv/newton.h"

#include <algorithm>
#include <cmath>

namespace tenure::clv {
namespace {

constexpr int kMaxIterations = 200;
constexpr double kGradientTolerance = 1e-9;  // per case
constexpr double kLongestStep = 1.5;         // of a log

// At the box's wall and wanting through it.
bool IsHeld(const Vector& logs, const Evaluation& evaluation, int i) {
  return (logs[i] >= kLogBound && evaluation.gradient[i] > 0) ||
         (logs[i] <= -kLogBound && evaluation.gradient[i] < 0);
}

// Of the gradient projected on the box.
double GradientNorm(const Vector& logs, const Evaluation& evaluation, int size, double weight) {
  double norm = 0;
  for (int i = 0; i < size; ++i) {
    const double entry = std::abs(evaluation.gradient[i]);
    // A NaN is no gradient of anything: it must not be lost in a maximum.
    if (!std::isfinite(entry)) return entry;
    if (!IsHeld(logs, evaluation, i)) norm = std::max(norm, entry);
  }
  return norm / weight;
}

Vector Solve(const Matrix& lower, const Vector& right, int size) {
  Vector x = right;
  for (int i = 0; i < size; ++i) {
    for (int j = 0; j < i; ++j) x[i] -= lower[i][j] * x[j];
    x[i] /= lower[i][i];
  }
  for (int i = size - 1; i >= 0; --i) {
    for (int j = i + 1; j < size; ++j) x[i] -= lower[j][i] * x[j];
    x[i] /= lower[i][i];
  }
  return x;
}

// (−H + damping · diag) step = gradient over the parameters that aren't held, shortened to
// kLongestStep; false where not definite.
bool Step(const Vector& logs, const Evaluation& evaluation, int size, double damping,
          Vector* step) {
  Matrix matrix{};
  Vector gradient = evaluation.gradient;
  double largest = 0;
  for (int i = 0; i < size; ++i) largest = std::max(largest, std::abs(evaluation.hessian[i][i]));
  for (int i = 0; i < size; ++i) {
    for (int j = 0; j < size; ++j) matrix[i][j] = -evaluation.hessian[i][j];
    matrix[i][i] += damping * std::max(std::abs(evaluation.hessian[i][i]), 1e-6 * largest);
  }
  for (int i = 0; i < size; ++i) {
    if (!IsHeld(logs, evaluation, i)) continue;
    for (int j = 0; j < size; ++j) matrix[i][j] = matrix[j][i] = 0;
    matrix[i][i] = 1;
    gradient[i] = 0;
  }
  Matrix lower{};
  if (!Cholesky(matrix, size, &lower)) return false;
  *step = Solve(lower, gradient, size);
  double longest = 0;
  for (int i = 0; i < size; ++i) longest = std::max(longest, std::abs((*step)[i]));
  if (longest > kLongestStep) {
    for (int i = 0; i < size; ++i) (*step)[i] *= kLongestStep / longest;
  }
  return std::isfinite(longest);
}

Vector Exponentials(const Vector& logs, int size) {
  Vector parameters{};
  for (int i = 0; i < size; ++i) parameters[i] = std::exp(logs[i]);
  return parameters;
}

}  // namespace

void Evaluation::ToLogs(const Vector& parameters, int size) {
  for (int i = 0; i < size; ++i) {
    for (int j = 0; j < size; ++j) hessian[i][j] *= parameters[i] * parameters[j];
    gradient[i] *= parameters[i];
    hessian[i][i] += gradient[i];
  }
}

bool Cholesky(const Matrix& matrix, int size, Matrix* lower) {
  for (int i = 0; i < size; ++i) {
    for (int j = 0; j <= i; ++j) {
      double sum = matrix[i][j];
      for (int k = 0; k < j; ++k) sum -= (*lower)[i][k] * (*lower)[j][k];
      if (i != j) {
        (*lower)[i][j] = sum / (*lower)[j][j];
      } else if (sum > 1e-13 * std::abs(matrix[i][i])) {
        (*lower)[i][i] = std::sqrt(sum);
      } else {
        return false;
      }
    }
  }
  return true;
}

Matrix InverseOf(const Matrix& lower, int size) {
  Matrix inverse{};
  for (int column = 0; column < size; ++column) {
    Vector unit{};
    unit[column] = 1;
    const Vector solved = Solve(lower, unit, size);
    for (int row = 0; row < size; ++row) inverse[row][column] = solved[row];
  }
  return inverse;
}

Maximum Maximize(const std::function<Evaluation(const Vector&)>& function, const Vector& start,
                 int size, double weight) {
  Maximum best;
  Vector logs{};
  for (int i = 0; i < size; ++i) logs[i] = std::log(start[i]);
  best.parameters = start;
  best.evaluation = function(start);
  double damping = 1e-3;
  for (;; ++best.iterations) {
    best.gradient_norm = GradientNorm(logs, best.evaluation, size, weight);
    if (!std::isfinite(best.evaluation.value) || !std::isfinite(best.gradient_norm)) return best;
    best.converged = best.gradient_norm < kGradientTolerance;
    if (best.converged || best.iterations == kMaxIterations) return best;
    bool moved = false;
    while (!moved && damping < 1e12) {
      Vector step{};
      if (Step(logs, best.evaluation, size, damping, &step)) {
        Vector trial = logs;
        for (int i = 0; i < size; ++i) {
          trial[i] = std::clamp(trial[i] + step[i], -kLogBound, kLogBound);
        }
        const Vector parameters = Exponentials(trial, size);
        const Evaluation there = function(parameters);
        if (there.value >= best.evaluation.value && trial != logs) {
          moved = true;
          logs = trial;
          best.parameters = parameters;
          best.evaluation = there;
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
