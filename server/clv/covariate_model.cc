#include "server/clv/covariate_model.h"

#include <cmath>
#include <optional>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/digest.h"
#include "server/base/status.h"
#include "server/clv/spend_estimate.h"
#include "server/clv/square_matrix.h"

namespace tenure::clv {
namespace {

absl::Status CheckPlan(const CovariatePlan& plan) {
  if (plan.names.empty() || plan.names.size() > kMostCovariates) {
    return absl::InvalidArgumentError(
        absl::StrCat("1 to ", kMostCovariates, " covariates are needed"));
  }
  if (std::set<std::string>(plan.names.begin(), plan.names.end()).size() != plan.names.size()) {
    return absl::InvalidArgumentError("two covariates have the same name");
  }
  for (const std::vector<size_t>* part : {&plan.rate, &plan.dropout}) {
    for (size_t covariate : *part) {
      if (covariate < plan.names.size()) continue;
      return absl::InvalidArgumentError("a process is moved by a covariate that is not there");
    }
    if (std::set<size_t>(part->begin(), part->end()).size() != part->size()) {
      return absl::InvalidArgumentError("a process is moved by the same covariate twice");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckCoefficients(const CovariateParameters& parameters, const ModelKind& kind) {
  const std::vector<std::string> names = parameters.plan.CoefficientNames(kind);
  if (names.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(kind.name, " has no process that these covariates move"));
  }
  if (parameters.coefficients.size() != names.size()) {
    return absl::InvalidArgumentError(absl::StrCat(kind.name, " with these covariates has ",
                                                   names.size(), " coefficients, not ",
                                                   parameters.coefficients.size()));
  }
  for (size_t i = 0; i < names.size(); ++i) {
    if (std::isfinite(parameters.coefficients[i])) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("coefficient ", names[i], " must be a finite number"));
  }
  if (parameters.covariance.empty()) return absl::OkStatus();
  const size_t size = kind.parameters.size() + names.size();
  SquareMatrix lower;
  if (parameters.covariance.size() == size * size &&
      Cholesky(SquareMatrix(size, parameters.covariance), &lower)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("the covariance of the parameters and coefficients must be positive definite, ",
                   size, " by ", size));
}

}  // namespace

absl::StatusOr<std::shared_ptr<const CovariateModel>> CovariateModel::Create(
    CovariateParameters parameters, ValueOptions options) {
  TENURE_RETURN_IF_ERROR(CheckPlan(parameters.plan));
  TENURE_ASSIGN_OR_RETURN(ModelKind kind, FindModelKind(parameters.baseline.model));
  TENURE_RETURN_IF_ERROR(CheckCoefficients(parameters, kind));
  const std::vector<double> origin(parameters.plan.names.size());
  parameters.baseline.purchase_log_cov =
      LogCovarianceAt(kind, parameters.plan, parameters.covariance, origin);
  TENURE_ASSIGN_OR_RETURN(std::shared_ptr<const ValueModel> baseline,
                          ValueModel::Create(parameters.baseline, std::move(options)));
  return std::shared_ptr<const CovariateModel>(
      new CovariateModel(std::move(parameters), std::move(kind), std::move(baseline)));
}

CovariateModel::CovariateModel(CovariateParameters parameters, ModelKind kind,
                               std::shared_ptr<const ValueModel> baseline)
    : parameters_(std::move(parameters)),
      kind_(std::move(kind)),
      baseline_(std::move(baseline)),
      fitted_(parameters_.baseline.purchase) {
  fitted_.insert(fitted_.end(), parameters_.coefficients.begin(), parameters_.coefficients.end());
}

std::string CovariateModel::Version() const { return Sha256Hex(ToJson()); }

absl::StatusOr<std::shared_ptr<const ValueModel>> CovariateModel::At(
    absl::Span<const double> z) const {
  if (z.size() != names().size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the model has ", names().size(), " covariates, not ", z.size()));
  }
  for (size_t i = 0; i < z.size(); ++i) {
    if (std::isfinite(z[i])) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("covariate `", names()[i], "` must be a finite number"));
  }
  ValueParameters here = parameters_.baseline;
  here.purchase = ParametersAt(kind_, parameters_.plan, fitted_, z);
  here.purchase_log_cov = LogCovarianceAt(kind_, parameters_.plan, parameters_.covariance, z);
  auto model = ValueModel::Create(std::move(here), baseline_->options());
  if (model.ok()) return model;
  return absl::InvalidArgumentError(
      absl::StrCat("these covariates are too far from those the model was fitted to: ",
                   model.status().message()));
}

absl::StatusOr<FittedCovariates> FitCovariateModel(
    absl::Span<const Observation> rows, absl::Span<const double> z, const CovariatePlan& plan,
    const ValueOptions& options, const PriorRequest* prior, absl::Span<const double> weights) {
  TENURE_ASSIGN_OR_RETURN(const ModelKind kind, FindModelKind(options.model));
  TENURE_RETURN_IF_ERROR(CheckWeights(rows, weights));
  std::vector<PurchaseRow> purchases = PurchaseRowsOf(rows, options.time_unit_days, weights);
  FittedCovariates fitted;
  std::vector<PriorTerm> terms;
  std::optional<CovariatePrior> covariate_prior;
  if (prior != nullptr) {
    TENURE_RETURN_IF_ERROR(prior->Check(kind, plan.CoefficientNames(kind)));
    TENURE_ASSIGN_OR_RETURN(const Summary summary, Summary::Create(purchases));
    terms = prior->TermsOf(kind, summary.scale());
    covariate_prior = {PriorOf(terms), kWeakLogSd, prior->coefficients};
    fitted.priors.push_back({kind.name, terms, kWeakLogSd, prior->coefficients});
  }
  TENURE_ASSIGN_OR_RETURN(
      ModelFit fit,
      FitWithCovariates(kind, plan, purchases, z, covariate_prior ? &*covariate_prior : nullptr));
  double repeaters = 0;
  for (const PurchaseRow& row : purchases) repeaters += row.frequency > 0 ? row.weight : 0;
  std::vector<PurchaseRow>().swap(purchases);
  if (!fit.usable() || (prior == nullptr && repeaters < kEnoughCases)) {
    return absl::FailedPreconditionError(
        absl::StrCat("no model with covariates: ",
                     fit.usable() ? absl::StrCat(repeaters, " customers with a repeat purchase, ",
                                                 kEnoughCases, " needed")
                                  : fit.VerdictText(),
                     "; fit without them, or with fewer"));
  }
  const auto own = static_cast<ptrdiff_t>(kind.parameters.size());
  CovariateParameters parameters;
  parameters.plan = plan;
  parameters.coefficients.assign(fit.parameters.begin() + own, fit.parameters.end());
  parameters.covariance = fit.log_covariance;
  parameters.baseline.model = kind.name;
  parameters.baseline.purchase.assign(fit.parameters.begin(), fit.parameters.begin() + own);
  parameters.baseline.verdict = VerdictUnder(terms, fit);
  FitReport& report = fitted.report;
  report.chosen = kind.name;
  report.why = "it was asked for.";
  if (fit.verdict == Verdict::kBoundary) {
    AddFallback(absl::StrCat("purchases by a simpler model (", fit.VerdictText(), ")"),
                &parameters.baseline, &report);
  }
  report.purchase.push_back(std::move(fit));
  std::vector<PriorTerm> spend;
  const double mean_spend = MeanSpend(rows, weights);
  if (prior != nullptr && !std::isnan(mean_spend)) {
    spend = prior->SpendTerms(mean_spend);
    fitted.priors.push_back({"gamma_gamma", spend});
  }
  EstimateSpend(rows, spend, &parameters.baseline, &report, weights);
  TENURE_ASSIGN_OR_RETURN(fitted.model, CovariateModel::Create(std::move(parameters), options));
  return fitted;
}

}  // namespace tenure::clv
