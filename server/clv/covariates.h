// Static covariates on both processes of a purchase model (Fader, Hardie 2007, Incorporating
// time-invariant covariates into the Pareto/NBD and BG/NBD models, note 019, pages 1 and 2): a
// customer's parameters are the baseline's times exp(± γ'z). In logs that is a sum, so that any
// model takes part: NBD and BG families α = α₀ exp(−γ₁'z), a = a₀ exp(γ₂'z), b = b₀ exp(γ₃'z);
// Pareto/NBD α = α₀ exp(−γ₁'z), β = β₀ exp(−γ₂'z). A higher γ₁ buys more, a higher γ of a or β
// leaves sooner.
#ifndef TENURE_SERVER_CLV_COVARIATES_H_
#define TENURE_SERVER_CLV_COVARIATES_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "server/clv/fit_report.h"
#include "server/clv/log_prior.h"
#include "server/clv/model_kind.h"

namespace tenure::clv {

inline constexpr size_t kMostCovariates = 16;

// Which covariates, by index, move the rate of purchases and which the dropout.
struct CovariatePlan {
  std::vector<std::string> names;  // of the columns
  std::vector<size_t> rate;
  std::vector<size_t> dropout;

  // Each column moves both.
  static CovariatePlan Both(std::vector<std::string> names);
  // "alpha:age", "a:age", …: the coefficients of a model, in their order after its parameters.
  std::vector<std::string> CoefficientNames(const ModelKind& kind) const;
};

// What is known before the data: of the parameters of a customer with mean covariates, of the
// coefficients that are named, and of each other one that times its covariate's standard deviation
// it is Normal around 0. So neither how the covariates are measured nor where their 0 is matters.
struct CovariatePrior {
  Prior parameters;
  double coefficient_sd = 0;  // above 0
  std::vector<CoefficientTerm> named = {};
};

// Maximum likelihood over rows with the covariates z, row by row, plan.names.size() columns. In the
// fit, parameters are the baseline's (at z = 0), followed by the coefficients; log_covariance is of
// the logs of the former and of the latter themselves. Customers with the same z share their work,
// so that a few categories cost no more than none. With a prior the maximum of likelihood times
// prior (MAP): log_likelihood is still that of the data alone. INVALID_ARGUMENT naming the row or
// the column: not finite, or constant. Deterministic, thread-safe.
absl::StatusOr<ModelFit> FitWithCovariates(const ModelKind& kind, const CovariatePlan& plan,
                                           absl::Span<const PurchaseRow> rows,
                                           absl::Span<const double> z,
                                           const CovariatePrior* prior = nullptr);

// The parameters of a customer with the covariates z; `fitted` as in ModelFit::parameters.
std::vector<double> ParametersAt(const ModelKind& kind, const CovariatePlan& plan,
                                 absl::Span<const double> fitted, absl::Span<const double> z);
// The covariance of the logs of those parameters, row by row; `covariance` as in
// ModelFit::log_covariance, empty where that is.
std::vector<double> LogCovarianceAt(const ModelKind& kind, const CovariatePlan& plan,
                                    absl::Span<const double> covariance,
                                    absl::Span<const double> z);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_COVARIATES_H_
