// What several customers are worth together by a model with covariates.
#ifndef TENURE_SERVER_CLV_COVARIATE_TOTAL_H_
#define TENURE_SERVER_CLV_COVARIATE_TOTAL_H_

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "server/clv/covariate_model.h"
#include "server/clv/total_value.h"

namespace tenure::clv {

// As TotalOf, each row by the model of its covariates: z is row by row, in the order of the model's
// names. The draws are of parameters and coefficients together, so that customers err alike as far
// as they share them. Where there are more than 500 different z the spread is that of 500 of them,
// evenly by what their customers are worth. INVALID_ARGUMENT as TotalOf and CovariateModel::At.
// Thread-safe.
absl::StatusOr<TotalValue> TotalOf(const CovariateModel& model, absl::Span<const Observation> rows,
                                   absl::Span<const double> z, const TotalOptions& options = {},
                                   absl::Span<const double> weights = {});

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_COVARIATE_TOTAL_H_
