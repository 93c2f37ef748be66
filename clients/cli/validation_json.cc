#include "clients/cli/validation_json.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "server/base/time.h"
#include "server/validation/tracking_shape.h"

namespace tenure::cli {
namespace {

using Json = nlohmann::ordered_json;

Json Number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json ToJson(const validation::Agreement& agreement) {
  Json json;
  json["expected"] = Number(agreement.expected);
  json["actual"] = Number(agreement.actual);
  json["bias"] = Number(agreement.bias);
  json["bias_standard_error"] = Number(agreement.bias_standard_error);
  json["mean_absolute_error"] = Number(agreement.mean_absolute_error);
  json["root_mean_square_error"] = Number(agreement.root_mean_square_error);
  json["spearman"] = Number(agreement.spearman);
  json["pearson"] = Number(agreement.pearson);
  json["predicted_gini"] = Number(agreement.predicted_gini);
  json["actual_gini"] = Number(agreement.actual_gini);
  json["gini_gain"] = Number(agreement.gini_gain);
  json["top_tenth"] = Number(agreement.top_tenth);
  json["best_top_tenth"] = Number(agreement.best_top_tenth);
  json["top_fifth"] = Number(agreement.top_fifth);
  json["best_top_fifth"] = Number(agreement.best_top_fifth);
  json["deciles"] = Json::array();
  for (const validation::Decile& decile : agreement.deciles) {
    json["deciles"].push_back({{"customers", Number(decile.customers)},
                               {"expected", Number(decile.expected)},
                               {"actual", Number(decile.actual)},
                               {"standard_error", Number(decile.standard_error)}});
  }
  json["lift"] = agreement.lift;
  json["best_lift"] = agreement.best_lift;
  return json;
}

Json ToJson(const validation::Tracking& tracking) {
  const validation::TrackingShape shape = validation::ShapeOf(tracking);
  Json json;
  json["calibration_expected"] = tracking.calibration_expected;
  json["calibration_actual"] = tracking.calibration_actual;
  json["holdout_expected"] = tracking.holdout_expected;
  json["holdout_actual"] = tracking.holdout_actual;
  json["calibration_bias"] = Number(shape.calibration_bias);
  json["drift"] = Number(shape.drift);
  json["season"] = Number(shape.season);
  json["mean_absolute_cumulative_error"] = Number(shape.mean_absolute_cumulative_error);
  json["days_left_out"] = tracking.days_left_out;
  json["weeks"] = Json::array();
  for (const validation::TrackingWeek& week : tracking.weeks) {
    json["weeks"].push_back({{"end", FormatDay(week.end_day * kMicrosPerDay)},
                             {"days", week.days},
                             {"holdout", week.holdout},
                             {"expected", Number(week.expected)},
                             {"actual", week.actual},
                             {"expected_total", Number(week.expected_total)},
                             {"actual_total", week.actual_total}});
  }
  return json;
}

Json ToJson(const validation::Verdict& verdict) {
  Json json;
  json["grade"] = validation::GradeName(verdict.grade);
  json["summary"] = verdict.summary;
  json["first_step"] = verdict.first_step;
  json["findings"] = Json::array();
  for (const validation::Finding& finding : verdict.findings) {
    json["findings"].push_back({{"code", finding.code},
                                {"grade", validation::GradeName(finding.grade)},
                                {"what", finding.what},
                                {"remedy", finding.remedy}});
  }
  return json;
}

}  // namespace

Json ToJson(const validation::ModelValidation& validated) {
  const validation::ReportFacts& facts = validated.facts;
  const validation::Validation& figures = validated.figures;
  Json json;
  json["model"] = facts.model;
  json["version"] = facts.version;
  json["basis"] = facts.basis;
  json["time_unit_days"] = facts.time_unit_days;
  json["fit_verdict"] = facts.fit_verdict;
  json["spend_verdict"] = facts.spend_verdict;
  json["fallback"] = facts.fallback;
  json["params"] = Json::object();
  json["standard_errors"] = Json::object();
  for (const validation::ParameterEstimate& parameter : facts.parameters) {
    json["params"][parameter.name] = Number(parameter.estimate);
    json["standard_errors"][parameter.name] = Number(parameter.standard_error);
  }
  json["tried"] = Json::array();
  for (const validation::TriedModel& tried : facts.tried) {
    json["tried"].push_back({{"model", tried.model},
                             {"verdict", tried.verdict},
                             {"log_likelihood", Number(tried.log_likelihood)},
                             {"expected", Number(tried.expected)},
                             {"mean_absolute_error", Number(tried.mean_absolute_error)}});
  }
  json["data"] = Json::object();
  for (const auto& [name, value] : facts.data) json["data"][name] = value;
  json["verdict"] = ToJson(validated.verdict);
  json["customers"] = figures.customers;
  json["holdout_days"] = figures.holdout_days;
  json["purchases"] = ToJson(figures.purchases);
  if (figures.has_value) json["spend"] = ToJson(figures.value);
  if (validated.spend_total.has_value()) {
    const clv::TotalValue& total = *validated.spend_total;
    json["spend"]["mean_low"] = total.clv_mean_low;
    json["spend"]["mean_high"] = total.clv_mean_high;
    json["spend"]["predictive_low"] = total.clv_predictive_low;
    json["spend"]["predictive_high"] = total.clv_predictive_high;
  }
  json["frequency_bins"] = Json::array();
  for (const validation::FrequencyBin& bin : figures.bins) {
    json["frequency_bins"].push_back({{"frequency", bin.label},
                                      {"customers", bin.customers},
                                      {"expected", Number(bin.expected)},
                                      {"actual", Number(bin.actual)},
                                      {"standard_error", Number(bin.standard_error)}});
  }
  if (validated.tracking.has_value()) {
    json["tracking"] = ToJson(*validated.tracking);
  } else {
    json["no_tracking"] = facts.no_tracking;
  }
  return json;
}

}  // namespace tenure::cli
