#include "server/validation/forecast.h"

#include <cmath>
#include <cstddef>
#include <limits>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/clv/model_kind.h"

namespace tenure::validation {
namespace {

constexpr size_t kMostRemembered = 1'000'000;

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
  const clv::ValueParameters& parameters = model.parameters();
  TENURE_ASSIGN_OR_RETURN(std::shared_ptr<const clv::PurchaseModel> purchase,
                          clv::CreatePurchaseModel(parameters.model, parameters.purchase));
  Forecast forecast(std::move(purchase));
  forecast.unit_days_ = model.options().time_unit_days;
  forecast.holdout_days_ = holdout_days;
  if (!parameters.spend.empty()) {
    forecast.spend_ = {parameters.spend[0], parameters.spend[1], parameters.spend[2]};
  }
  return forecast;
}

absl::StatusOr<std::vector<Expectation>> Forecast::Of(
    absl::Span<const clv::Observation> rows) const {
  std::vector<Expectation> expectations;
  expectations.reserve(rows.size());
  // Times are mostly whole days: many customers share a history, and the model is slow to ask.
  absl::flat_hash_map<std::tuple<double, double, double>, double> asked;
  for (size_t i = 0; i < rows.size(); ++i) {
    const clv::Observation& row = rows[i];
    if (asked.size() == kMostRemembered) asked.clear();
    const auto [known, is_new] =
        asked.try_emplace({row.frequency, row.recency_days, row.age_days}, 0.0);
    if (is_new) {
      known->second = curves_->ExpectedPurchases(
          {row.frequency, row.recency_days / unit_days_, row.age_days / unit_days_},
          holdout_days_ / unit_days_);
    }
    const double purchases = known->second;
    if (!std::isfinite(purchases)) {
      return absl::InvalidArgumentError(
          absl::StrCat("row ", i, ": the model expects no finite number of purchases of it"));
    }
    expectations.push_back({purchases, purchases * ExpectedSpend(row)});
  }
  return expectations;
}

double Forecast::ExpectedSpend(const clv::Observation& row) const {
  if (!has_spend()) return 1;
  const bool known = row.frequency > 0 && clv::IsSpend(row.mean_spend);
  return known ? spend_.ExpectedSpend(row.frequency, row.mean_spend) : spend_.ExpectedSpend(0, 0);
}

double Forecast::PurchasesOfNew(double days) const {
  return curves_->ExpectedPurchases({0, 0, 0}, days / unit_days_);
}

std::vector<ParameterEstimate> EstimatesOf(const clv::ValueModel& model) {
  std::vector<ParameterEstimate> estimates;
  const clv::ValueParameters& parameters = model.parameters();
  if (const auto kind = clv::FindModelKind(parameters.model); kind.ok()) {
    Append(kind->ParameterNames(), parameters.purchase, parameters.purchase_log_cov, &estimates);
  }
  Append({"p", "q", "v"}, parameters.spend, parameters.spend_log_cov, &estimates);
  return estimates;
}

}  // namespace tenure::validation
