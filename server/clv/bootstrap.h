// The parametric bootstrap (Efron, Tibshirani 1993, chapter 6): fits to customers simulated from a
// fit, for as many times. A slow reference for what the Hessian says about a fit's uncertainty, and
// for the intervals that are made of it.
#ifndef TENURE_SERVER_CLV_BOOTSTRAP_H_
#define TENURE_SERVER_CLV_BOOTSTRAP_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "server/clv/gamma_gamma.h"
#include "server/clv/model_kind.h"

namespace tenure::clv {

// The parameters of each replicate that ended in CONVERGED or BOUNDARY; the others are left out and
// counted by what is missing. Customers are observed for the ages given, of any model: in occasions
// or periods where it counts those. INVALID_ARGUMENT for parameters that can't be. Deterministic in
// the seed, thread-safe.
absl::StatusOr<std::vector<std::vector<double>>> Bootstrap(const ModelKind& kind,
                                                           absl::Span<const double> parameters,
                                                           absl::Span<const double> ages,
                                                           int replicates, uint64_t seed);

// The same of spend: (p, q, v) of each replicate, whose customers buy as often as `frequencies`
// say, those above 0. INVALID_ARGUMENT for parameters that aren't above 0, or no repeat purchase.
absl::StatusOr<std::vector<std::vector<double>>> BootstrapSpend(
    const GammaGamma& spend, absl::Span<const double> frequencies, int replicates, uint64_t seed);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_BOOTSTRAP_H_
