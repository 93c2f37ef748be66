#include "clients/cli/model_fit.h"

#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>

#include "absl/strings/str_format.h"

namespace tenure::cli {
namespace {

using Json = nlohmann::ordered_json;

Json Number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

}  // namespace

nlohmann::ordered_json ModelFitJson(const clv::ModelFit& fit) {
  Json json;
  json["model"] = fit.model;
  json["params"] = Json::object();
  json["standard_errors"] = Json::object();
  for (size_t i = 0; i < fit.parameters.size(); ++i) {
    json["params"][fit.parameter_names[i]] = Number(fit.parameters[i]);
    if (!fit.standard_errors.empty()) {
      json["standard_errors"][fit.parameter_names[i]] = Number(fit.standard_errors[i]);
    }
  }
  json["log_likelihood"] = Number(fit.log_likelihood);
  json["verdict"] = clv::VerdictName(fit.verdict);
  json["explanation"] = fit.explanation;
  json["gradient_norm"] = Number(fit.gradient_norm);
  json["iterations"] = fit.iterations;
  json["rows"] = fit.rows;
  json["distinct_rows"] = fit.distinct_rows;
  json["seconds"] = fit.seconds;
  return json;
}

void PrintModelFit(const clv::ModelFit& fit) {
  std::cout << absl::StrFormat("%-12s %s\n", fit.model, fit.VerdictText());
  for (size_t i = 0; i < fit.parameters.size(); ++i) {
    std::cout << absl::StrFormat("  %-6s %12.6f", fit.parameter_names[i], fit.parameters[i]);
    if (!fit.standard_errors.empty()) {
      std::cout << absl::StrFormat("  s.e. %.6f", fit.standard_errors[i]);
    }
    std::cout << "\n";
  }
  std::cout << absl::StrFormat(
      "  log-likelihood %.5f, gradient %.1e, %d iterations, %d rows (%d distinct), %.4f s\n",
      fit.log_likelihood, fit.gradient_norm, fit.iterations, fit.rows, fit.distinct_rows,
      fit.seconds);
}

nlohmann::ordered_json FitReportJson(const clv::FitReport& report) {
  Json document;
  for (const clv::ModelFit& fit : report.purchase) {
    if (fit.model == report.chosen) document = ModelFitJson(fit);
  }
  document["chosen"] = report.chosen;
  document["why"] = report.why;
  document["fallback"] = report.fallback;
  document["models"] = Json::array();
  for (const clv::ModelFit& fit : report.purchase) document["models"].push_back(ModelFitJson(fit));
  if (!report.spend.model.empty()) {
    document["spend"] = ModelFitJson(report.spend);
    document["spend"]["rows_left_out"] = report.spend_rows_left_out;
    document["spend"]["frequency_spend_correlation"] = report.frequency_spend_correlation;
  }
  document["holdout"] = Json::array();
  for (const clv::HoldoutCheck& check : report.holdout) {
    document["holdout"].push_back({{"model", check.model},
                                   {"days", check.days},
                                   {"expected", check.expected},
                                   {"actual", check.actual},
                                   {"mean_absolute_error", check.mean_absolute_error}});
  }
  return document;
}

void PrintFitReport(const clv::FitReport& report) {
  for (const clv::ModelFit& fit : report.purchase) PrintModelFit(fit);
  if (!report.spend.model.empty()) {
    PrintModelFit(report.spend);
    std::cout << absl::StrFormat(
        "  correlation of frequency and spend %.4f (assumed 0), %d rows without spend left out\n",
        report.frequency_spend_correlation, report.spend_rows_left_out);
  }
  for (const clv::HoldoutCheck& check : report.holdout) {
    std::cout << absl::StrFormat("holdout of %g days, %s: %.1f purchases expected, %.0f seen\n",
                                 check.days, check.model, check.expected, check.actual);
  }
  std::cout << "chosen " << report.chosen << ": " << report.why << "\n";
  if (!report.fallback.empty()) std::cout << "fallback: " << report.fallback << "\n";
}

}  // namespace tenure::cli
