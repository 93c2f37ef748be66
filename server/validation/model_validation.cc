#include "server/validation/model_validation.h"

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/digest.h"
#include "server/base/status.h"
#include "server/validation/forecast.h"

namespace tenure::validation {
namespace {

ReportFacts FactsOf(const clv::ValueModel& model, const HoldoutData& data, ModelOrigin origin) {
  ReportFacts facts;
  facts.model = model.parameters().model;
  facts.version = Sha256Hex(model.ToJson());
  facts.model_origin = std::move(origin.text);
  facts.fit_verdict = model.parameters().verdict;
  facts.spend_verdict = model.parameters().spend_verdict;
  facts.fallback = std::move(origin.fallback);
  facts.basis = "revenue, undiscounted";
  facts.time_unit_days = model.options().time_unit_days;
  facts.parameters = EstimatesOf(model);
  facts.tried = std::move(origin.tried);
  facts.data = data.facts;
  if (!data.has_days) {
    facts.no_tracking =
        "A summary doesn't say when purchases came, so there is no tracking over time: validate "
        "from transactions for that.";
  }
  return facts;
}

absl::Status CheckLengths(const HoldoutData& data) {
  const size_t customers = data.observations.size();
  if (data.actual_purchases.size() == customers &&
      (data.actual_spend.empty() || data.actual_spend.size() == customers) &&
      (!data.has_days || data.first_days.size() == customers)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError("every customer needs an entry in each of the data's vectors");
}

}  // namespace

ModelOrigin OriginOf(const clv::FitReport& report) {
  ModelOrigin origin;
  origin.text = absl::StrCat("fitted to the data before the split, chosen because: ", report.why);
  origin.fallback = report.fallback;
  for (const clv::ModelFit& fit : report.purchase) {
    TriedModel tried{fit.model, fit.VerdictText(), fit.log_likelihood};
    for (const clv::HoldoutCheck& check : report.holdout) {
      if (check.model != fit.model) continue;
      tried.expected = check.expected;
      tried.mean_absolute_error = check.mean_absolute_error;
    }
    origin.tried.push_back(std::move(tried));
  }
  return origin;
}

absl::StatusOr<ModelValidation> ValidateModel(const clv::ValueModel& model, const HoldoutData& data,
                                              ModelOrigin origin) {
  TENURE_RETURN_IF_ERROR(CheckLengths(data));
  TENURE_ASSIGN_OR_RETURN(const Forecast forecast, Forecast::Create(model, data.holdout_days));
  TENURE_ASSIGN_OR_RETURN(const std::vector<Expectation> expected, forecast.Of(data.observations));
  const bool has_value = !data.actual_spend.empty() && forecast.has_spend();
  std::vector<HoldoutRow> rows;
  rows.reserve(expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    rows.push_back({data.observations[i].frequency, expected[i].purchases, data.actual_purchases[i],
                    has_value ? expected[i].value : 0, has_value ? data.actual_spend[i] : 0});
  }
  ModelValidation result;
  TENURE_ASSIGN_OR_RETURN(result.figures, Validate(rows, has_value, data.holdout_days));
  if (data.has_days) {
    const auto expected_of_new = [&](double days) {
      return forecast.PurchasesOfNew(days + data.entry_age_days);
    };
    TENURE_ASSIGN_OR_RETURN(
        result.tracking,
        Track({data.first_days, data.repeat_days, data.split_day, data.end_day}, expected_of_new));
  }
  result.facts = FactsOf(model, data, std::move(origin));
  result.verdict = Judge(result.figures, result.tracking_or_null(), result.facts.model);
  return result;
}

}  // namespace tenure::validation
