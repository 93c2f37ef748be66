// Small dense symmetric problems: what Newton's method and covariances need.
#ifndef TENURE_SERVER_CLV_SQUARE_MATRIX_H_
#define TENURE_SERVER_CLV_SQUARE_MATRIX_H_

#include <cstddef>
#include <vector>

#include "absl/types/span.h"

namespace tenure::clv {

// Row by row. Not thread-safe while written.
class SquareMatrix {
 public:
  SquareMatrix() = default;
  explicit SquareMatrix(size_t size) : size_(size), entries_(size * size, 0.0) {}
  // `entries` has size² of them.
  SquareMatrix(size_t size, absl::Span<const double> entries)
      : size_(size), entries_(entries.begin(), entries.end()) {}

  size_t size() const { return size_; }
  double& operator()(size_t i, size_t j) { return entries_[i * size_ + j]; }
  double operator()(size_t i, size_t j) const { return entries_[i * size_ + j]; }
  const std::vector<double>& entries() const { return entries_; }

 private:
  size_t size_ = 0;
  std::vector<double> entries_;
};

// The lower triangle L with L Lᵀ = matrix; false when it isn't positive definite.
bool Cholesky(const SquareMatrix& matrix, SquareMatrix* lower);
// x with L Lᵀ x = right.
std::vector<double> Solve(const SquareMatrix& lower, absl::Span<const double> right);
// The inverse of L Lᵀ, exactly symmetric.
SquareMatrix InverseOf(const SquareMatrix& lower);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_SQUARE_MATRIX_H_
