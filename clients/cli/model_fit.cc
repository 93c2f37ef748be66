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

}  // namespace tenure::cli
