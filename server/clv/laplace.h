// Draws from the Normal approximation of what the data leave open about a fit's parameters
// (Laplace): their logs have the covariance of the Hessian.
#ifndef TENURE_SERVER_CLV_LAPLACE_H_
#define TENURE_SERVER_CLV_LAPLACE_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "server/base/random.h"
#include "server/clv/square_matrix.h"

namespace tenure::clv {

// Immutable, thread-safe but for the generator.
class LaplaceSampler {
 public:
  // INVALID_ARGUMENT where the covariance isn't positive definite or of another size; a parameter
  // with a row of zeros is taken as known, and so are all with an empty covariance.
  static absl::StatusOr<LaplaceSampler> Create(absl::Span<const double> parameters,
                                               absl::Span<const double> log_covariance);
  std::vector<double> Draw(Random* random) const;

 private:
  LaplaceSampler(std::vector<double> parameters, SquareMatrix lower)
      : parameters_(std::move(parameters)), lower_(std::move(lower)) {}

  std::vector<double> parameters_;
  SquareMatrix lower_;
};

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_LAPLACE_H_
