// What a customer is worth by a purchase model with static covariates: a value model for each
// customer, from one fit. Docs: docs/clv.md.
#ifndef TENURE_SERVER_CLV_COVARIATE_MODEL_H_
#define TENURE_SERVER_CLV_COVARIATE_MODEL_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/clv/covariates.h"
#include "server/clv/map_value.h"
#include "server/clv/value_model.h"

namespace tenure::clv {

struct CovariateParameters {
  CovariatePlan plan;
  std::vector<double> coefficients;  // in the order of CovariatePlan::CoefficientNames
  // Of the logs of the baseline's purchase parameters and of the coefficients themselves, row by
  // row; empty: unknown.
  std::vector<double> covariance;
  ValueParameters baseline;  // at z = 0; its purchase_log_cov is the first block of `covariance`
};

// Immutable, thread-safe. Spend has no covariates.
class CovariateModel {
 public:
  // INVALID_ARGUMENT naming what is wrong: ValueModel::Create's, no covariate or two of one name, a
  // coefficient too many, too few or not finite, a covariance that is none.
  static absl::StatusOr<std::shared_ptr<const CovariateModel>> Create(
      CovariateParameters parameters, ValueOptions options);
  // What ToJson wrote. INVALID_ARGUMENT naming the key.
  static absl::StatusOr<std::shared_ptr<const CovariateModel>> FromJson(absl::string_view json);
  // Canonical: the same model gives the same bytes; numbers round-trip exactly.
  std::string ToJson() const;
  // Whether it is such a document rather than one ValueModel's.
  static bool IsJson(absl::string_view json);
  // SHA-256 of ToJson, in hexadecimal.
  std::string Version() const;

  // The model of a customer with the covariates z, in the order of names(). Intervals hold what is
  // not known of the coefficients too: the covariance of the logs of its parameters is that of
  // sums, exactly. INVALID_ARGUMENT for a covariate that is not finite, or so far from those it was
  // fitted to that a parameter leaves the numbers.
  absl::StatusOr<std::shared_ptr<const ValueModel>> At(absl::Span<const double> z) const;

  const std::vector<std::string>& names() const { return parameters_.plan.names; }
  // The model at z = 0.
  const ValueModel& baseline() const { return *baseline_; }
  const CovariateParameters& parameters() const { return parameters_; }

 private:
  CovariateModel(CovariateParameters parameters, ModelKind kind,
                 std::shared_ptr<const ValueModel> baseline);

  const CovariateParameters parameters_;
  const ModelKind kind_;
  const std::shared_ptr<const ValueModel> baseline_;
  std::vector<double> fitted_;  // parameters and coefficients, as ParametersAt takes them
};

struct FittedCovariates {
  std::shared_ptr<const CovariateModel> model;
  FitReport report;
  std::vector<ModelPrior> priors;  // of purchases and of spend, where one was asked for
};

// Fits options.model, by name, with the covariates z (row by row), and spend as FitValueModel does.
// There is no simple estimate with covariates: FAILED_PRECONDITION saying what to do where the fit
// has no usable verdict or fewer than 100 customers have bought again. INVALID_ARGUMENT as
// FitWithCovariates. Under a prior (MAP) the parameters' is that of a customer with mean
// covariates, coefficients have a weak one around 0, and few customers have a fit too;
// INVALID_ARGUMENT as PriorRequest::Check. `weights` as FitValueModel's. Thread-safe,
// deterministic.
absl::StatusOr<FittedCovariates> FitCovariateModel(absl::Span<const Observation> rows,
                                                   absl::Span<const double> z,
                                                   const CovariatePlan& plan,
                                                   const ValueOptions& options,
                                                   const PriorRequest* prior = nullptr,
                                                   absl::Span<const double> weights = {});

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_COVARIATE_MODEL_H_
