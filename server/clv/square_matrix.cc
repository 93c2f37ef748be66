#include "server/clv/square_matrix.h"

#include <cmath>

namespace tenure::clv {

bool Cholesky(const SquareMatrix& matrix, SquareMatrix* lower) {
  const size_t size = matrix.size();
  *lower = SquareMatrix(size);
  SquareMatrix& l = *lower;
  for (size_t i = 0; i < size; ++i) {
    for (size_t j = 0; j <= i; ++j) {
      double sum = matrix(i, j);
      for (size_t k = 0; k < j; ++k) sum -= l(i, k) * l(j, k);
      if (i != j) {
        l(i, j) = sum / l(j, j);
      } else if (sum > 1e-13 * std::abs(matrix(i, i))) {
        l(i, i) = std::sqrt(sum);
      } else {
        return false;
      }
    }
  }
  return true;
}

std::vector<double> Solve(const SquareMatrix& lower, absl::Span<const double> right) {
  const size_t size = lower.size();
  std::vector<double> x(right.begin(), right.end());
  for (size_t i = 0; i < size; ++i) {
    for (size_t j = 0; j < i; ++j) x[i] -= lower(i, j) * x[j];
    x[i] /= lower(i, i);
  }
  for (size_t i = size; i-- > 0;) {
    for (size_t j = i + 1; j < size; ++j) x[i] -= lower(j, i) * x[j];
    x[i] /= lower(i, i);
  }
  return x;
}

SquareMatrix InverseOf(const SquareMatrix& lower) {
  const size_t size = lower.size();
  SquareMatrix inverse(size);
  std::vector<double> unit(size);
  for (size_t column = 0; column < size; ++column) {
    unit.assign(size, 0);
    unit[column] = 1;
    const std::vector<double> solved = Solve(lower, unit);
    for (size_t row = 0; row <= column; ++row) {
      inverse(row, column) = inverse(column, row) = solved[row];
    }
  }
  return inverse;
}

}  // namespace tenure::clv
