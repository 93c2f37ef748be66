#include "server/clv/population_spread.h"

#include <algorithm>
#include <cmath>

namespace tenure::clv {

std::vector<double> LogSpread(absl::Span<const ModelFit* const> own,
                              absl::Span<const double> pooled) {
  const size_t size = pooled.size();
  std::vector<double> spread(size, kUsualLogSpread);
  if (own.size() < static_cast<size_t>(kFewestForSpread)) return spread;
  for (size_t i = 0; i < size; ++i) {
    double excess = 0;
    double weights = 0;
    for (const ModelFit* fit : own) {
      const double weight = 1 / fit->log_covariance[i * size + i];
      const double away = std::log(fit->parameters[i] / pooled[i]);
      excess += weight * away * away - 1;
      weights += weight;
    }
    spread[i] =
        std::clamp(std::sqrt(std::max(excess / weights, 0.0)), kLeastLogSpread, kMostLogSpread);
  }
  return spread;
}

Prior PriorAround(absl::Span<const double> pooled, absl::Span<const double> log_spread) {
  Prior prior;
  prior.parameters.assign(pooled.begin(), pooled.end());
  prior.log_precision = SquareMatrix(pooled.size());
  for (size_t i = 0; i < pooled.size(); ++i) {
    prior.log_precision(i, i) = 1 / (log_spread[i] * log_spread[i]);
  }
  return prior;
}

double WeightOfData(absl::Span<const double> log_covariance, const SquareMatrix& prior_precision) {
  const size_t size = prior_precision.size();
  double of_prior = 0;
  for (size_t i = 0; i < size; ++i) {
    for (size_t j = 0; j < size; ++j) {
      of_prior += log_covariance[i * size + j] * prior_precision(j, i);
    }
  }
  return std::clamp(1 - of_prior / static_cast<double>(size), 0.0, 1.0);
}

}  // namespace tenure::clv
