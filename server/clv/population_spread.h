// How much populations differ: what is known of one's parameters from the others' fits.
#ifndef TENURE_SERVER_CLV_POPULATION_SPREAD_H_
#define TENURE_SERVER_CLV_POPULATION_SPREAD_H_

#include <vector>

#include "absl/types/span.h"
#include "server/clv/fit_report.h"
#include "server/clv/log_prior.h"

namespace tenure::clv {

inline constexpr int kFewestForSpread = 3;       // fits of their own, else kUsualLogSpread
inline constexpr double kLeastLogSpread = 0.05;  // nobody is known to be exactly like the others
inline constexpr double kMostLogSpread = 1.5;    // a factor of 4.5
inline constexpr double kUsualLogSpread = 0.5;   // a factor of 1.6

// The standard deviations between populations of the logs of the parameters around `pooled`, held
// to [kLeastLogSpread, kMostLogSpread]. By moments: with w = 1/s² of each fit's log,
// τ² = (Σ w (log − log pooled)² − n)/Σ w. That is DerSimonian and Laird's (1986) estimate around
// the pooled fit instead of the weighted mean: what is borrowed is the pooled fit, so its distance
// from the others counts too. `own` are fits of one model with covariances. Thread-safe.
std::vector<double> LogSpread(absl::Span<const ModelFit* const> own,
                              absl::Span<const double> pooled);

// Logs around those of `pooled` with these standard deviations, independent.
Prior PriorAround(absl::Span<const double> pooled, absl::Span<const double> log_spread);

// 1 − tr(C P)/n for the posterior's covariance C of the logs and the prior's precision P: the share
// of what is known that the data brought, 0 to 1.
double WeightOfData(absl::Span<const double> log_covariance, const SquareMatrix& prior_precision);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_POPULATION_SPREAD_H_
