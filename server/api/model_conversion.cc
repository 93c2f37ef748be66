#include "server/api/model_conversion.h"

#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/api/names.h"
#include "server/clv/value_model.h"

namespace tenure::api {
namespace {

namespace v1 = tenure::v1;
using nlohmann::ordered_json;

// The value at `key`, or a default where the record is older than the key.
template <typename T>
T Get(const ordered_json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && !found->is_null() ? found->get<T>() : T();
}

// "NOT_IDENTIFIED: dropout …" parted into the verdict and its note.
void ConvertVerdict(const std::string& text, v1::FittedModel* out) {
  const size_t end = text.find(':');
  v1::FitVerdict verdict = v1::FIT_VERDICT_UNSPECIFIED;
  if (v1::FitVerdict_Parse(absl::StrCat("FIT_VERDICT_", text.substr(0, end)), &verdict)) {
    out->set_verdict(verdict);
  }
  if (end != std::string::npos) {
    out->set_note(std::string(absl::StripPrefix(text.substr(end + 1), " ")));
  }
}

void ConvertFit(const ordered_json& from, v1::FittedModel* out) {
  out->set_kind(Get<std::string>(from, "model"));
  ConvertVerdict(Get<std::string>(from, "verdict"), out);
  const auto errors = from.value("standard_errors", ordered_json::array());
  size_t i = 0;
  // Named: items() of a temporary would outlive it.
  const ordered_json params = from.value("params", ordered_json::object());
  for (const auto& [name, estimate] : params.items()) {
    v1::Parameter* const parameter = out->add_parameters();
    parameter->set_name(name);
    if (estimate.is_number()) parameter->set_estimate(estimate.get<double>());
    if (i < errors.size() && errors[i].is_number()) {
      parameter->set_standard_error(errors[i].get<double>());
    }
    ++i;
  }
  out->set_log_likelihood(Get<double>(from, "log_likelihood"));
  out->set_rows(Get<int64_t>(from, "rows"));
}

void ConvertReport(const ordered_json& report, v1::Model* out) {
  out->set_chosen_kind(Get<std::string>(report, "chosen"));
  out->set_why(Get<std::string>(report, "why"));
  out->set_fallback(Get<std::string>(report, "fallback"));
  for (const auto& fit : report.value("purchase", ordered_json::array())) {
    ConvertFit(fit, out->add_fits());
  }
  if (const auto spend = report.find("spend"); spend != report.end() && spend->is_object()) {
    ConvertFit(*spend, out->add_fits());
    out->set_frequency_spend_correlation(Get<double>(*spend, "frequency_correlation"));
  }
  for (const auto& check : report.value("holdout", ordered_json::array())) {
    v1::HoldoutCheck* const to = out->add_holdout();
    to->set_kind(Get<std::string>(check, "model"));
    to->set_days(Get<double>(check, "days"));
    to->set_expected(Get<double>(check, "expected"));
    to->set_actual(Get<double>(check, "actual"));
    to->set_mean_absolute_error(Get<double>(check, "mean_absolute_error"));
  }
  out->set_customers(Get<int64_t>(report, "customers"));
  out->set_purchases(Get<int64_t>(report, "purchases"));
  out->set_margin_rate(Get<double>(report, "margin_rate"));
  out->set_margin_rate_source(Get<std::string>(report, "margin_rate_source"));
}

}  // namespace

absl::Status ConvertModel(const journal::ModelRecord& record, v1::Model* out) {
  const auto model = clv::ValueModel::FromJson(record.model_json);
  if (!model.ok()) {
    return absl::DataLossError(absl::StrCat("the journal's model ", record.hash,
                                            " can't be read: ", model.status().message()));
  }
  const ordered_json report = ordered_json::parse(record.report_json, nullptr, false);
  if (!report.is_object()) {
    return absl::DataLossError(
        absl::StrCat("the report of the journal's model ", record.hash, " can't be read"));
  }
  try {
    ConvertReport(report, out);
  } catch (const ordered_json::exception& error) {
    return absl::DataLossError(absl::StrCat("the report of the journal's model ", record.hash,
                                            " is not of its shape: ", error.what()));
  }
  const clv::ValueOptions& options = (*model)->options();
  out->set_name(Name(kModels, record.hash));
  out->set_time_unit_days(options.time_unit_days);
  out->set_horizon_days(options.horizon_days);
  out->set_discount_per_year(options.discount_per_year);
  return absl::OkStatus();
}

}  // namespace tenure::api
