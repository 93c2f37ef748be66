// ValueModel to and from JSON.
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/digest.h"
#include "server/base/status.h"
#include "server/clv/value_model.h"

namespace tenure::clv {
namespace {

using Json = nlohmann::ordered_json;
constexpr char kFormat[] = "tenure.value_model.v1";

absl::Status Missing(const char* key, const char* what) {
  return absl::InvalidArgumentError(absl::StrCat("value model: `", key, "` must be ", what,
                                                 "; write it with `tenure fit --save`"));
}

absl::Status Read(const Json& json, const char* key, double* value) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_number()) return Missing(key, "a number");
  *value = found->get<double>();
  return absl::OkStatus();
}

absl::Status Read(const Json& json, const char* key, std::string* value) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_string()) return Missing(key, "a string");
  *value = found->get<std::string>();
  return absl::OkStatus();
}

absl::Status Read(const Json& json, const char* key, bool* value) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_boolean()) return Missing(key, "true or false");
  *value = found->get<bool>();
  return absl::OkStatus();
}

absl::Status Read(const Json& json, const char* key, std::vector<double>* values) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_array()) return Missing(key, "a list of numbers");
  for (const Json& entry : *found) {
    if (!entry.is_number()) return Missing(key, "a list of numbers");
    values->push_back(entry.get<double>());
  }
  return absl::OkStatus();
}

}  // namespace

std::string ValueModel::ToJson() const {
  // nlohmann's doubles are the shortest text that reads back as the same bits.
  Json json;
  json["format"] = kFormat;
  json["model"] = parameters_.model;
  json["params"] = parameters_.purchase;
  json["log_covariance"] = parameters_.purchase_log_cov;
  json["verdict"] = parameters_.verdict;
  json["spend_params"] = parameters_.spend;
  json["spend_log_covariance"] = parameters_.spend_log_cov;
  json["spend_verdict"] = parameters_.spend_verdict;
  json["fallback"] = parameters_.fallback;
  json["time_unit_days"] = options_.time_unit_days;
  json["horizon_days"] = options_.horizon_days;
  json["discount_per_year"] = options_.discount_per_year;
  json["response_window_days"] = options_.response_window_days;
  json["margin_rate"] = options_.margin_rate;
  // Left out where nothing came back: models saved before there was such a key stay the same bytes.
  if (options_.kept_share != 1) json["kept_share"] = options_.kept_share;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string ValueModel::Version() const { return Sha256Hex(ToJson()); }

absl::StatusOr<std::shared_ptr<const ValueModel>> ValueModel::FromJson(absl::string_view text) {
  const Json json = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) {
    return absl::InvalidArgumentError("value model: this is not a JSON object");
  }
  std::string format;
  TENURE_RETURN_IF_ERROR(Read(json, "format", &format));
  if (format != kFormat) return Missing("format", kFormat);
  ValueParameters parameters;
  ValueOptions options;
  TENURE_RETURN_IF_ERROR(Read(json, "model", &parameters.model));
  TENURE_RETURN_IF_ERROR(Read(json, "params", &parameters.purchase));
  TENURE_RETURN_IF_ERROR(Read(json, "log_covariance", &parameters.purchase_log_cov));
  TENURE_RETURN_IF_ERROR(Read(json, "verdict", &parameters.verdict));
  TENURE_RETURN_IF_ERROR(Read(json, "spend_params", &parameters.spend));
  TENURE_RETURN_IF_ERROR(Read(json, "spend_log_covariance", &parameters.spend_log_cov));
  TENURE_RETURN_IF_ERROR(Read(json, "spend_verdict", &parameters.spend_verdict));
  TENURE_RETURN_IF_ERROR(Read(json, "fallback", &parameters.fallback));
  TENURE_RETURN_IF_ERROR(Read(json, "time_unit_days", &options.time_unit_days));
  TENURE_RETURN_IF_ERROR(Read(json, "horizon_days", &options.horizon_days));
  TENURE_RETURN_IF_ERROR(Read(json, "discount_per_year", &options.discount_per_year));
  TENURE_RETURN_IF_ERROR(Read(json, "response_window_days", &options.response_window_days));
  TENURE_RETURN_IF_ERROR(Read(json, "margin_rate", &options.margin_rate));
  if (json.contains("kept_share")) {
    TENURE_RETURN_IF_ERROR(Read(json, "kept_share", &options.kept_share));
  }
  return Create(std::move(parameters), std::move(options));
}

}  // namespace tenure::clv
