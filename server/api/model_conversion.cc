#include "server/api/model_conversion.h"

#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/api/names.h"
#include "server/api/value_basis.h"
#include "server/api/values.h"
#include "server/clv/model_document.h"
#include "server/customers/tier.h"
#include "server/planning/population_report.h"

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

v1::ParameterSource SourceOf(const std::string& source) {
  if (source == "own") return v1::PARAMETER_SOURCE_OWN;
  if (source == "borrowed") return v1::PARAMETER_SOURCE_BORROWED;
  return v1::PARAMETER_SOURCE_POOLED;
}

void ConvertPopulation(const ordered_json& from, v1::PopulationModel* out) {
  out->set_name(Get<std::string>(from, "name"));
  out->set_text(Get<std::string>(from, "text"));
  out->set_customers(Get<int64_t>(from, "customers"));
  out->set_kind(Get<std::string>(from, "model"));
  const ordered_json purchases = from.value("purchases", ordered_json::object());
  out->set_source(SourceOf(Get<std::string>(purchases, "source")));
  out->set_own_weight(Get<double>(purchases, "own_weight"));
  out->set_repeat_customers(Get<int64_t>(purchases, "cases"));
  for (const auto& parameter : from.value("params", ordered_json::array())) {
    v1::Parameter* const to = out->add_parameters();
    to->set_name(Get<std::string>(parameter, "name"));
    to->set_estimate(Get<double>(parameter, "estimate"));
    if (parameter.contains("standard_error")) {
      to->set_standard_error(Get<double>(parameter, "standard_error"));
    }
  }
  out->set_time_unit_days(Get<double>(from, "time_unit_days"));
  out->set_horizon_days(Get<double>(from, "horizon_days"));
  out->set_discount_per_year(Get<double>(from, "discount_per_year"));
  out->set_response_window_days(Get<double>(from, "response_window_days"));
  out->set_margin_rate(Get<double>(from, "margin_rate"));
  out->set_margin_rate_source(Get<std::string>(from, "margin_rate_source"));
  out->set_verdict(Get<std::string>(from, "verdict"));
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
    to->set_population(Get<std::string>(check, "population"));
  }
  for (const auto& population : report.value("populations", ordered_json::array())) {
    ConvertPopulation(population, out->add_populations());
  }
  out->set_customers(Get<int64_t>(report, "customers"));
  out->set_purchases(Get<int64_t>(report, "purchases"));
  out->set_margin_rate(Get<double>(report, "margin_rate"));
  out->set_margin_rate_source(Get<std::string>(report, "margin_rate_source"));
  out->set_learn_from(Get<std::string>(report, "learn_from"));
  out->set_purchase_days_after_contact(Get<int64_t>(report, "days_after_contact"));
  out->set_purchase_days_left_out(Get<int64_t>(report, "days_left_out"));
}

}  // namespace

absl::Status ConvertModel(const journal::ModelRecord& record, v1::Model* out) {
  const auto models = clv::ReadModelDocument(record.model_json);
  if (!models.ok()) {
    return absl::DataLossError(absl::StrCat("the journal's model ", record.hash,
                                            " can't be read: ", models.status().message()));
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
  const clv::ValueOptions& options = models->model->options();
  out->set_name(Name(kModels, record.hash));
  out->set_time_unit_days(options.time_unit_days);
  out->set_horizon_days(options.horizon_days);
  out->set_discount_per_year(options.discount_per_year);
  out->set_rule_set(Name(kRuleSets, record.rule_set));
  if (record.as_of_us != 0) SetTimestamp(record.as_of_us, out->mutable_as_of_time());
  out->set_caller(record.caller);
  out->set_reason(record.reason);
  out->set_tier_high_from(record.cut_points.clv_high);
  out->set_tier_medium_from(record.cut_points.clv_medium);
  out->set_value_basis(BasisOf(models->basis()));
  return absl::OkStatus();
}

absl::Status ConvertVersion(const engine::ModelVersion& version, absl::string_view in_force,
                            const rules::RuleSet* rules, v1::Model* out) {
  if (absl::Status status = ConvertModel(*version.record, out); !status.ok()) return status;
  if (rules != nullptr) {
    for (const std::string& name : planning::ChangedPopulations(*version.record, *rules)) {
      for (v1::PopulationModel& population : *out->mutable_populations()) {
        if (population.name() != name) continue;
        absl::StrAppend(population.mutable_text(),
                        "; by the present rules others are in it: fit again");
      }
    }
  }
  SetTimestamp(version.at_us, out->mutable_create_time());
  out->set_in_force(version.record->hash == in_force);
  if (version.activated_us != 0) SetTimestamp(version.activated_us, out->mutable_activate_time());
  return absl::OkStatus();
}

void ConvertTotal(const clv::TotalValue& from, absl::string_view basis, v1::TotalValue* out) {
  out->set_value(from.clv);
  out->set_mean_low(from.clv_mean_low);
  out->set_mean_high(from.clv_mean_high);
  out->set_predictive_low(from.clv_predictive_low);
  out->set_predictive_high(from.clv_predictive_high);
  out->set_basis(BasisOf(basis));
}

void ConvertComparison(const planning::ModelComparison& from, v1::ModelComparison* out) {
  out->set_base(Name(kModels, from.base));
  out->set_model(Name(kModels, from.model));
  out->set_days(from.days);
  out->set_unchecked(from.unchecked);
  out->set_actual(from.actual);
  const auto convert = [](const planning::ModelComparison::Check& check, v1::PeriodCheck* to) {
    to->set_expected(check.expected);
    to->set_mean_absolute_error(check.mean_absolute_error);
    to->set_knew_period(check.knew_period);
  };
  if (from.unchecked.empty()) {
    convert(from.base_check, out->mutable_base_check());
    convert(from.model_check, out->mutable_model_check());
  }
  for (size_t before = customers::kTiers; before-- > 0;) {
    for (size_t after = customers::kTiers; after-- > 0;) {
      const int64_t count = from.tiers.customers[before][after];
      if (count == 0) continue;
      v1::TierChange* const change = out->add_tier_changes();
      change->set_from(std::string(customers::TierName(static_cast<customers::Tier>(before + 1))));
      change->set_to(std::string(customers::TierName(static_cast<customers::Tier>(after + 1))));
      change->set_customers(count);
    }
  }
  out->set_customers_changing(from.customers_changing());
  out->set_base_total_value(from.tiers.value_before);
  out->set_model_total_value(from.tiers.value_after);
  ConvertTotal(from.base_total, from.base_basis, out->mutable_base_total());
  ConvertTotal(from.model_total, from.model_basis, out->mutable_model_total());
}

void ConvertHealth(const planning::ModelHealth& from, v1::ModelHealth* out) {
  out->set_model(Name(kModels, from.model));
  SetTimestamp(from.at_us, out->mutable_read_time());
  out->set_verdict(from.verdict == planning::HealthVerdict::kStable  ? v1::MODEL_VERDICT_STABLE
                   : from.verdict == planning::HealthVerdict::kWatch ? v1::MODEL_VERDICT_WATCH
                                                                     : v1::MODEL_VERDICT_REFIT);
  out->set_why(from.why);
  out->set_remedy(from.remedy);
  for (const planning::Shift& shift : from.shifts) {
    v1::Shift* const to = out->add_shifts();
    to->set_quantity(shift.population.empty()
                         ? shift.quantity
                         : absl::StrCat(shift.quantity, " of ", shift.population));
    to->set_stability_index(shift.index);
    to->set_by_chance(shift.by_chance);
    to->mutable_bin_ends()->Add(shift.ends.begin(), shift.ends.end());
    to->mutable_shares_then()->Add(shift.then.begin(), shift.then.end());
    to->mutable_shares_now()->Add(shift.now.begin(), shift.now.end());
  }
  out->set_window_days(from.window_days);
  for (const planning::CalibrationBin& bin : from.bins) {
    v1::CalibrationBin* const to = out->add_bins();
    to->set_frequency(bin.frequency);
    to->set_customers(bin.customers);
    to->set_expected(bin.expected);
    to->set_actual(bin.actual);
  }
  for (const planning::PopulationCalibration& population : from.populations) {
    v1::PopulationCalibration* const to = out->add_populations();
    to->set_population(population.name);
    to->set_text(population.text);
    to->set_customers(population.customers);
    to->set_expected(population.expected);
    to->set_actual(population.actual);
  }
  out->set_expected(from.expected);
  out->set_actual(from.actual);
  out->set_standard_error(from.standard_error);
  out->set_off_by(from.off_by);
  out->set_significant(from.significant);
  out->set_knew_window(from.knew_window);
}

}  // namespace tenure::api
