#include "server/planning/model_fit.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "server/base/digest.h"
#include "server/base/status.h"
#include "server/base/time.h"

namespace tenure::planning {
namespace {

using nlohmann::ordered_json;

clv::ValueOptions OptionsOf(const rules::ValueSettings& settings, double margin_rate) {
  clv::ValueOptions options;
  options.time_unit_days = settings.time_unit_days;
  options.horizon_days = settings.horizon_days;
  options.discount_per_year = settings.discount_per_year;
  options.response_window_days = settings.response_window_days;
  options.margin_rate = margin_rate;
  options.model = settings.model;
  return options;
}

ordered_json FitJson(const clv::ModelFit& fit) {
  ordered_json json;
  json["model"] = fit.model;
  json["params"] = ordered_json::object();
  // A model that could not be tried has names and no parameters.
  for (size_t i = 0; i < fit.parameters.size(); ++i) {
    json["params"][fit.parameter_names[i]] = fit.parameters[i];
  }
  json["standard_errors"] = fit.standard_errors;
  json["log_likelihood"] = fit.log_likelihood;
  json["verdict"] = fit.VerdictText();
  json["gradient_norm"] = fit.gradient_norm;
  json["iterations"] = fit.iterations;
  json["rows"] = fit.rows;
  json["distinct_rows"] = fit.distinct_rows;
  return json;
}

ordered_json ReportJson(const clv::FitReport& report, const customers::Population::Summary& summary,
                        double margin_rate, bool pooled) {
  ordered_json json;
  json["chosen"] = report.chosen;
  json["why"] = report.why;
  json["fallback"] = report.fallback;
  json["customers"] = summary.customers.size();
  json["purchases"] = summary.purchases;
  json["margin_rate"] = margin_rate;
  json["margin_rate_source"] = !pooled               ? "rule set"
                               : summary.revenue > 0 ? "pooled over purchases with a known margin"
                                                     : "no margin is known: revenue stands for it";
  json["purchase"] = ordered_json::array();
  for (const clv::ModelFit& fit : report.purchase) json["purchase"].push_back(FitJson(fit));
  if (!report.spend.model.empty()) {
    json["spend"] = FitJson(report.spend);
    json["spend"]["left_out"] = report.spend_rows_left_out;
    json["spend"]["frequency_correlation"] = report.frequency_spend_correlation;
  }
  json["holdout"] = ordered_json::array();
  for (const clv::HoldoutCheck& check : report.holdout) {
    json["holdout"].push_back({{"model", check.model},
                               {"days", check.days},
                               {"expected", check.expected},
                               {"actual", check.actual},
                               {"mean_absolute_error", check.mean_absolute_error}});
  }
  return json;
}

// Fits up to the holdout's start and checks against what came after.
absl::StatusOr<std::vector<clv::HoldoutCheck>> CheckHoldout(const customers::Population& population,
                                                            const clv::ValueOptions& options,
                                                            const FitRequest& request) {
  const auto days_us = static_cast<int64_t>(request.holdout_days * kMicrosPerDay);
  const customers::Population::Summary early =
      population.Summarize(request.at_us, request.at_us - days_us);
  if (early.observations.empty()) return std::vector<clv::HoldoutCheck>();
  TENURE_ASSIGN_OR_RETURN(const clv::FittedValue fitted,
                          clv::FitValueModel(early.observations, options, early.holdout_purchases,
                                             request.holdout_days));
  return fitted.report.holdout;
}

// Steps of a fit take about as long as each other: it is asked before each.
absl::Status CheckCancelled(const FitRequest& request) {
  if (request.cancel == nullptr || !request.cancel->load()) return absl::OkStatus();
  return absl::CancelledError("the fit was cancelled");
}

}  // namespace

absl::StatusOr<journal::ModelRecord> FitPopulation(
    const std::shared_ptr<const rules::RuleSet>& rules, const customers::Population& population,
    const FitRequest& request) {
  TENURE_RETURN_IF_ERROR(CheckCancelled(request));
  const customers::Population::Summary summary = population.Summarize(request.at_us);
  if (summary.observations.empty()) {
    return absl::FailedPreconditionError(
        "no customer has a purchase yet, so there is nothing to fit; import events first "
        "(`tenure import events`)");
  }
  const bool pooled = !rules->value.margin_rate.has_value();
  const double pooled_rate = summary.revenue > 0 ? summary.margin / summary.revenue : 1;
  if (pooled && !(pooled_rate > 0)) {
    return absl::FailedPreconditionError(
        "margins known so far sum to a loss, so value in margin has no positive rate; state "
        "value.margin_rate in the rule set");
  }
  TENURE_RETURN_IF_ERROR(CheckCancelled(request));
  const double margin_rate = pooled ? pooled_rate : *rules->value.margin_rate;
  const clv::ValueOptions options = OptionsOf(rules->value, margin_rate);
  TENURE_ASSIGN_OR_RETURN(clv::FittedValue fitted,
                          clv::FitValueModel(summary.observations, options));
  TENURE_RETURN_IF_ERROR(CheckCancelled(request));
  if (request.holdout_days > 0) {
    TENURE_ASSIGN_OR_RETURN(fitted.report.holdout, CheckHoldout(population, options, request));
  }
  TENURE_RETURN_IF_ERROR(CheckCancelled(request));
  journal::ModelRecord record;
  record.model_json = fitted.model->ToJson();
  record.hash = Sha256Hex(record.model_json);
  record.report_json = ReportJson(fitted.report, summary, margin_rate, pooled).dump();
  const customers::Valuation valuation{rules, fitted.model, journal::CutPoints()};
  record.cut_points = population.CutPointsAt(request.at_us, valuation);
  return record;
}

}  // namespace tenure::planning
