// Correlations of what was predicted and what came.
#ifndef TENURE_SERVER_VALIDATION_CORRELATION_H_
#define TENURE_SERVER_VALIDATION_CORRELATION_H_

#include "absl/types/span.h"
#include "server/validation/lift_curve.h"

namespace tenure::validation {

// Pearson's correlation of prediction and actual, weighted; NaN where either is constant.
double PearsonCorrelation(absl::Span<const Ranked> customers);

// Spearman's: Pearson's of the ranks, where equal values share the mean of their ranks (mid-ranks).
// A weight counts as that many rows. NaN where either is constant.
double SpearmanCorrelation(absl::Span<const Ranked> customers);

}  // namespace tenure::validation

#endif  // TENURE_SERVER_VALIDATION_CORRELATION_H_
