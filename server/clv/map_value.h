// FitValueModel under a prior: for few customers, or for what is known of them beforehand.
#ifndef TENURE_SERVER_CLV_MAP_VALUE_H_
#define TENURE_SERVER_CLV_MAP_VALUE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "server/clv/prior_request.h"
#include "server/clv/value_model.h"

namespace tenure::clv {

// The prior that a model was fitted under, purchases' or gamma_gamma's.
struct ModelPrior {
  std::string model;
  std::vector<PriorTerm> terms;
  // Of each coefficient around 0, times the standard deviation of its covariate; 0: there is none.
  double coefficient_sd = 0;
  std::vector<CoefficientTerm> coefficients = {};  // that are named, and not so
};

struct MapValue {
  FittedValue value;
  std::vector<ModelPrior> priors;  // of every model tried
};

// As FitValueModel, but each model's parameters are the maximum of likelihood times prior, and few
// customers have no simple estimate: the prior is what stands in for data. With options.model
// "auto" dropout must still gain kDropoutGain of likelihood over NBD, or NBD is taken, and regular
// timing is not weighed. Verdicts say the prior. INVALID_ARGUMENT as FitValueModel and
// PriorRequest::Check.
absl::StatusOr<MapValue> FitValueModelByMap(absl::Span<const Observation> rows,
                                            const ValueOptions& options, const PriorRequest& prior,
                                            absl::Span<const double> holdout_purchases = {},
                                            double holdout_days = 0,
                                            absl::Span<const double> weights = {});

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_MAP_VALUE_H_
