#include "server/clv/laplace.h"

#include <cmath>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/clv/draw.h"

namespace tenure::clv {

absl::StatusOr<LaplaceSampler> LaplaceSampler::Create(absl::Span<const double> parameters,
                                                      absl::Span<const double> log_covariance) {
  const size_t size = parameters.size();
  std::vector<double> at(parameters.begin(), parameters.end());
  if (log_covariance.empty()) return LaplaceSampler(std::move(at), SquareMatrix(size));
  if (log_covariance.size() != size * size) {
    return absl::InvalidArgumentError(absl::StrCat("the covariance of ", size,
                                                   " parameters must have ", size * size,
                                                   " entries, not ", log_covariance.size()));
  }
  SquareMatrix matrix(size, log_covariance);
  for (size_t i = 0; i < size; ++i) {
    if (matrix(i, i) == 0) matrix(i, i) = 1e-30;
  }
  SquareMatrix lower;
  if (!Cholesky(matrix, &lower)) {
    return absl::InvalidArgumentError("the covariance is not positive definite");
  }
  return LaplaceSampler(std::move(at), std::move(lower));
}

std::vector<double> LaplaceSampler::Draw(Random* random) const {
  std::vector<double> drawn = parameters_;
  std::vector<double> normals(drawn.size());
  for (double& normal : normals) normal = DrawNormal(random);
  for (size_t i = 0; i < drawn.size(); ++i) {
    double shift = 0;
    for (size_t j = 0; j <= i; ++j) shift += lower_(i, j) * normals[j];
    drawn[i] *= std::exp(shift);
  }
  return drawn;
}

}  // namespace tenure::clv
