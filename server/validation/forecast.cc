#include "server/validation/forecast.h"

#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/status.h"

namespace tenure::validation {
namespace {

void Append(const std::vector<std::string>& names, const std::vector<double>& estimates,
            const std::vector<double>& log_covariance, std::vector<ParameterEstimate>* out) {
  const size_t size = estimates.size();
  for (size_t i = 0; i < size; ++i) {
    const double error = log_covariance.size() == size * size
                             ? estimates[i] * std::sqrt(log_covariance[i * size + i])
                             : std::numeric_limits<double>::quiet_NaN();
    out->push_back({names[i], estimates[i], error});
  }
}

}  // namespace

absl::StatusOr<Forecast> Forecast::Create(const clv::ValueModel& model, double holdout_days) {
  if (!(holdout_days > 0)) {
    return absl::InvalidArgumentError("the holdout must have more than 0 days");
  }
  clv::ValueOptions options = model.options();
  options.horizon_days = holdout_days;
  options.discount_per_year = 0;
  options.margin_rate = 1;
  options.kept_share = 1;
  TENURE_ASSIGN_OR_RETURN(auto over_holdout,
                          clv::ValueModel::Create(model.parameters(), std::move(options)));
  TENURE_ASSIGN_OR_RETURN(const clv::PurchaseKind kind,
                          clv::ParsePurchaseKind(model.parameters().model));
  TENURE_ASSIGN_OR_RETURN(const clv::PurchaseModel purchase,
                          clv::PurchaseModel::Create(kind, model.parameters().purchase));
  return Forecast(std::move(over_holdout), purchase);
}

bool Forecast::has_spend() const { return !model_->parameters().spend.empty(); }

absl::StatusOr<std::vector<Expectation>> Forecast::Of(
    absl::Span<const clv::Observation> rows) const {
  const double unit = model_->options().time_unit_days;
  const double horizon = model_->options().horizon_days / unit;
  std::vector<Expectation> expectations;
  expectations.reserve(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    const clv::Observation& row = rows[i];
    const double purchases = purchase_.ExpectedPurchases(row.frequency, row.recency_days / unit,
                                                         row.age_days / unit, horizon);
    if (!std::isfinite(purchases)) {
      return absl::InvalidArgumentError(
          absl::StrCat("row ", i, ": the model expects no finite number of purchases of it"));
    }
    clv::ValueFeatures features{};
    model_->Compute({&row, 1}, {&features, 1});
    expectations.push_back({purchases, purchases * features.spend_next});
  }
  return expectations;
}

double Forecast::PurchasesOfNew(double days) const {
  return purchase_.ExpectedPurchasesOfNew(days / model_->options().time_unit_days);
}

std::vector<ParameterEstimate> EstimatesOf(const clv::ValueModel& model) {
  std::vector<ParameterEstimate> estimates;
  const clv::ValueParameters& parameters = model.parameters();
  if (const auto kind = clv::ParsePurchaseKind(parameters.model); kind.ok()) {
    Append(clv::PurchaseParameterNames(*kind), parameters.purchase, parameters.purchase_log_cov,
           &estimates);
  }
  Append({"p", "q", "v"}, parameters.spend, parameters.spend_log_cov, &estimates);
  return estimates;
}

}  // namespace tenure::validation
