// CovariateModel to and from JSON; the baseline within is ValueModel's own document.
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/clv/covariate_model.h"

namespace tenure::clv {
namespace {

using Json = nlohmann::ordered_json;
constexpr char kFormat[] = "tenure.covariate_model.v1";

absl::Status Refuse(absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(
      "covariate model: ", why, "; write it with `tenure fit --covariates COLUMN --save`"));
}

std::string Text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json Parse(absl::string_view text) {
  return Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
}

// A list of numbers, strings or indices.
template <typename Value>
absl::Status Read(const Json& json, const char* key, bool (Json::*is_of)() const noexcept,
                  const char* what, std::vector<Value>* values) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_array()) {
    return Refuse(absl::StrCat("`", key, "` must be a list of ", what));
  }
  for (const Json& entry : *found) {
    if (!(entry.*is_of)()) return Refuse(absl::StrCat("`", key, "` must be a list of ", what));
    values->push_back(entry.get<Value>());
  }
  return absl::OkStatus();
}

std::vector<std::string> Named(const CovariatePlan& plan, const std::vector<size_t>& indices) {
  std::vector<std::string> names;
  for (size_t index : indices) names.push_back(plan.names[index]);
  return names;
}

absl::Status ReadProcess(const Json& json, const char* key, const CovariatePlan& plan,
                         std::vector<size_t>* indices) {
  std::vector<std::string> names;
  TENURE_RETURN_IF_ERROR(Read(json, key, &Json::is_string, "covariates", &names));
  for (const std::string& name : names) {
    size_t index = 0;
    while (index < plan.names.size() && plan.names[index] != name) ++index;
    if (index == plan.names.size()) {
      return Refuse(absl::StrCat("`", key, "` names `", name, "`, which is no covariate"));
    }
    indices->push_back(index);
  }
  return absl::OkStatus();
}

}  // namespace

std::string CovariateModel::ToJson() const {
  Json json;
  json["format"] = kFormat;
  json["covariates"] = parameters_.plan.names;
  json["rate"] = Named(parameters_.plan, parameters_.plan.rate);
  json["dropout"] = Named(parameters_.plan, parameters_.plan.dropout);
  json["coefficient_names"] = parameters_.plan.CoefficientNames(kind_);
  json["coefficients"] = parameters_.coefficients;
  json["covariance"] = parameters_.covariance;
  json["baseline"] = Parse(baseline_->ToJson());
  return Text(json);
}

bool CovariateModel::IsJson(absl::string_view text) {
  const Json json = Parse(text);
  if (!json.is_object()) return false;
  const auto format = json.find("format");
  return format != json.end() && *format == kFormat;
}

absl::StatusOr<std::shared_ptr<const CovariateModel>> CovariateModel::FromJson(
    absl::string_view text) {
  if (!IsJson(text)) return Refuse(absl::StrCat("`format` must be ", kFormat));
  const Json json = Parse(text);
  CovariateParameters parameters;
  CovariatePlan& plan = parameters.plan;
  TENURE_RETURN_IF_ERROR(Read(json, "covariates", &Json::is_string, "names", &plan.names));
  TENURE_RETURN_IF_ERROR(ReadProcess(json, "rate", plan, &plan.rate));
  TENURE_RETURN_IF_ERROR(ReadProcess(json, "dropout", plan, &plan.dropout));
  TENURE_RETURN_IF_ERROR(
      Read(json, "coefficients", &Json::is_number, "numbers", &parameters.coefficients));
  TENURE_RETURN_IF_ERROR(
      Read(json, "covariance", &Json::is_number, "numbers", &parameters.covariance));
  const auto found = json.find("baseline");
  if (found == json.end()) return Refuse("`baseline` is missing");
  const auto baseline = ValueModel::FromJson(clv::Text(*found));
  if (!baseline.ok()) return Refuse(absl::StrCat("baseline: ", baseline.status().message()));
  parameters.baseline = (*baseline)->parameters();
  auto model = Create(std::move(parameters), (*baseline)->options());
  if (!model.ok()) return Refuse(model.status().message());
  // The names, and the baseline's covariance, are said twice: both must say the same.
  const auto names = json.find("coefficient_names");
  if (names != json.end() && *names == Parse((*model)->ToJson())["coefficient_names"] &&
      (*baseline)->parameters().purchase_log_cov ==
          (*model)->baseline().parameters().purchase_log_cov) {
    return model;
  }
  return Refuse("`coefficient_names` or the baseline's `log_covariance` contradict the rest");
}

}  // namespace tenure::clv
