#include "clients/cli/model_fit.h"

#include <algorithm>
#include <cmath>
#include <iostream>
#include <limits>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "server/clv/model_kind.h"

namespace tenure::cli {
namespace {

using Json = nlohmann::ordered_json;

Json Number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr char kFallback[] = "FALLBACK";

// The fit that has the parameters, coefficients of covariates beside them; none where no fit has.
const clv::ModelFit* FindFit(const clv::FitReport& report, const clv::ValueParameters& used) {
  for (const clv::ModelFit& fit : report.purchase) {
    if (fit.model == used.model && fit.parameters.size() >= used.purchase.size() &&
        std::equal(used.purchase.begin(), used.purchase.end(), fit.parameters.begin())) {
      return &fit;
    }
  }
  return nullptr;
}

// Of a simple estimate: parameters and what it is, no figures of a fit.
Json EstimateJson(const std::string& model, const std::vector<std::string>& names,
                  const std::vector<double>& parameters, const std::string& verdict,
                  const clv::ModelFit& tried) {
  clv::ModelFit estimate;
  estimate.model = model;
  estimate.parameter_names = names;
  estimate.parameters = parameters;
  estimate.log_likelihood = estimate.gradient_norm = estimate.seconds = kUnknown;
  estimate.rows = tried.rows;
  estimate.distinct_rows = tried.distinct_rows;
  Json json = ModelFitJson(estimate);
  json["verdict"] = kFallback;
  json["explanation"] = std::string(absl::StripPrefix(verdict, absl::StrCat(kFallback, ": ")));
  return json;
}

// With so many decimals, or where those would hide it or run on and on, by its significant digits.
std::string Decimals(double value, int decimals) {
  const double size = std::abs(value);
  return size == 0 || (size >= 1e-3 && size < 1e9) ? absl::StrFormat("%.*f", decimals, value)
                                                   : absl::StrFormat("%.6g", value);
}

// ", r 1.0000, alpha 53.2000".
std::string ParametersText(const clv::ValueParameters& used) {
  std::string text;
  const std::vector<std::string> names = clv::FindModelKind(used.model)->ParameterNames();
  for (size_t i = 0; i < names.size(); ++i) {
    absl::StrAppendFormat(&text, ", %s %s", names[i], Decimals(used.purchase[i], 4));
  }
  return text;
}

Json SpendJson(const clv::FitReport& report, const clv::ValueParameters& used) {
  clv::ModelFit tried = report.spend;
  tried.seconds = kUnknown;
  Json spend = ModelFitJson(tried);
  if (used.spend != tried.parameters) {
    Json estimate =
        EstimateJson(tried.model, {"p", "q", "v"}, used.spend, used.spend_verdict, tried);
    estimate["tried"] = std::move(spend);
    spend = std::move(estimate);
  }
  spend["rows_left_out"] = report.spend_rows_left_out;
  spend["frequency_spend_correlation"] = report.frequency_spend_correlation;
  return spend;
}

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
  json["seconds"] = Number(fit.seconds);
  return json;
}

void PrintModelFit(const clv::ModelFit& fit) {
  std::cout << absl::StrFormat("%-12s %s\n", fit.model, fit.VerdictText());
  for (size_t i = 0; i < fit.parameters.size(); ++i) {
    std::cout << absl::StrFormat("  %-6s %12s", fit.parameter_names[i],
                                 Decimals(fit.parameters[i], 6));
    if (!fit.standard_errors.empty()) {
      std::cout << "  s.e. " << Decimals(fit.standard_errors[i], 6);
    }
    std::cout << "\n";
  }
  std::cout << absl::StrFormat(
      "  log-likelihood %.5f, gradient %.1e, %d iterations, %d rows (%d distinct)%s\n",
      fit.log_likelihood, fit.gradient_norm, fit.iterations, fit.rows, fit.distinct_rows,
      std::isnan(fit.seconds) ? "" : absl::StrFormat(", %.4f s", fit.seconds));
}

nlohmann::ordered_json FitReportJson(const clv::FitReport& report, const clv::ValueParameters& used,
                                     double seconds) {
  const clv::ModelFit* const chosen = FindFit(report, used);
  Json document = chosen != nullptr
                      ? ModelFitJson(*chosen)
                      : EstimateJson(used.model, clv::FindModelKind(used.model)->ParameterNames(),
                                     used.purchase, used.verdict, report.purchase.back());
  document["seconds"] = seconds;
  document["chosen"] = report.chosen;
  document["why"] = report.why;
  document["fallback"] = report.fallback;
  document["models"] = Json::array();
  for (clv::ModelFit fit : report.purchase) {
    fit.seconds = kUnknown;
    document["models"].push_back(ModelFitJson(fit));
  }
  if (!report.spend.model.empty()) document["spend"] = SpendJson(report, used);
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

void PrintFitReport(const clv::FitReport& report, const clv::ValueParameters& used,
                    double seconds) {
  for (clv::ModelFit fit : report.purchase) {
    fit.seconds = kUnknown;
    PrintModelFit(fit);
  }
  if (!report.spend.model.empty()) {
    clv::ModelFit spend = report.spend;
    spend.seconds = kUnknown;
    PrintModelFit(spend);
    std::cout << absl::StrFormat(
        "  correlation of frequency and spend %.4f (assumed 0), %d rows without spend left out\n",
        report.frequency_spend_correlation, report.spend_rows_left_out);
  }
  for (const clv::HoldoutCheck& check : report.holdout) {
    std::cout << absl::StrFormat("holdout of %g days, %s: %.1f purchases expected, %.0f seen\n",
                                 check.days, check.model, check.expected, check.actual);
  }
  std::cout << "chosen " << report.chosen << ": " << report.why
            << absl::StrFormat(" All in %.4f s.\n", seconds);
  if (FindFit(report, used) == nullptr) {
    std::cout << "used " << used.model << ParametersText(used) << "\n";
  }
  if (!report.fallback.empty()) std::cout << "fallback: " << report.fallback << "\n";
}

}  // namespace tenure::cli
