// Maximum likelihood in the logs of up to four positive parameters: Newton's method with
// Levenberg's damping, on analytic gradients and Hessians.
#ifndef TENURE_SERVER_CLV_NEWTON_H_
#define TENURE_SERVER_CLV_NEWTON_H_

#include <array>
#include <functional>

namespace tenure::clv {

inline constexpr int kMaxParameters = 4;
using Vector = std::array<double, kMaxParameters>;
using Matrix = std::array<Vector, kMaxParameters>;

// A function's value and derivatives; entries beyond the number of parameters are not read.
struct Evaluation {
  double value = 0;
  Vector gradient{};
  Matrix hessian{};

  // From derivatives by the parameters to derivatives by their logs.
  void ToLogs(const Vector& parameters, int size);
};

struct Maximum {
  Vector parameters{};    // themselves, not their logs
  Evaluation evaluation;  // there, by the logs
  int iterations = 0;
  bool converged = false;    // the gradient vanished, or only wants out of the box
  double gradient_norm = 0;  // largest entry / weight of the gradient, projected on the box
};

// Logs stay within ±kLogBound: a parameter that wants to go on is at a boundary.
inline constexpr double kLogBound = 14;

// From `start`. `weight` is the number of cases, the gradient's scale. Thread-safe if `function`
// is.
Maximum Maximize(const std::function<Evaluation(const Vector&)>& function, const Vector& start,
                 int size, double weight);

// The lower triangle L with L Lᵀ = matrix; false when it isn't positive definite.
bool Cholesky(const Matrix& matrix, int size, Matrix* lower);
// The inverse of L Lᵀ.
Matrix InverseOf(const Matrix& lower, int size);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_NEWTON_H_
