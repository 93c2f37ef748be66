// A log-likelihood and its derivatives by up to four positive parameters.
#ifndef TENURE_SERVER_CLV_EVALUATION_H_
#define TENURE_SERVER_CLV_EVALUATION_H_

#include <array>

namespace tenure::clv {

inline constexpr int kMaxParameters = 4;
using Vector = std::array<double, kMaxParameters>;
using Matrix = std::array<Vector, kMaxParameters>;

// Entries beyond the number of parameters are not read.
struct Evaluation {
  double value = 0;
  Vector gradient{};
  Matrix hessian{};

  // From derivatives by the parameters to derivatives by their logs.
  void ToLogs(const Vector& parameters, int size) {
    for (int i = 0; i < size; ++i) {
      for (int j = 0; j < size; ++j) hessian[i][j] *= parameters[i] * parameters[j];
      gradient[i] *= parameters[i];
      hessian[i][i] += gradient[i];
    }
  }
};

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_EVALUATION_H_
