#include "server/api/model_validation.h"

#include <cmath>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/api/model_conversion.h"
#include "server/api/names.h"
#include "server/base/time.h"
#include "server/clv/model_document.h"
#include "server/decision/world.h"
#include "server/engine/engine.h"
#include "server/planning/model_validation.h"

namespace tenure::api {
namespace {

namespace v1 = tenure::v1;
using ValidateCall = Call<v1::ValidateModelResponse>;

constexpr Reasons kReasons = {.not_found = "MODEL_NOT_FOUND",
                              .failed_precondition = "NO_PURCHASES"};
constexpr int32_t kMostHoldoutDays = 3'650;

v1::ValidationGrade GradeOf(validation::Grade grade) {
  switch (grade) {
    case validation::Grade::kGood:
      return v1::VALIDATION_GRADE_GOOD;
    case validation::Grade::kFair:
      return v1::VALIDATION_GRADE_FAIR;
    case validation::Grade::kPoor:
      return v1::VALIDATION_GRADE_POOR;
    case validation::Grade::kUnknown:
      return v1::VALIDATION_GRADE_UNKNOWN;
  }
  return v1::VALIDATION_GRADE_UNSPECIFIED;
}

template <typename Group>
void ConvertGroup(const Group& from, std::string label, v1::ValidationGroup* out) {
  out->set_label(std::move(label));
  out->set_customers(from.customers);
  if (!std::isfinite(from.expected)) return;
  out->set_expected(from.expected);
  out->set_actual(from.actual);
}

void ConvertAgreement(const validation::Agreement& from, v1::ValidationAgreement* out) {
  out->set_expected(from.expected);
  out->set_actual(from.actual);
  out->set_mean_absolute_error(from.mean_absolute_error);
  out->set_root_mean_square_error(from.root_mean_square_error);
  using Out = v1::ValidationAgreement;
  const auto set = [out](double value, void (Out::*setter)(double)) {
    if (std::isfinite(value)) (out->*setter)(value);
  };
  set(from.bias, &Out::set_bias);
  set(from.bias_standard_error, &Out::set_bias_standard_error);
  set(from.spearman, &Out::set_spearman);
  set(from.pearson, &Out::set_pearson);
  set(from.predicted_gini, &Out::set_predicted_gini);
  set(from.gini_gain, &Out::set_gini_gain);
  set(from.top_tenth, &Out::set_top_tenth);
  set(from.top_fifth, &Out::set_top_fifth);
  for (const validation::Decile& decile : from.deciles) {
    ConvertGroup(decile, absl::StrCat(out->deciles_size() + 1), out->add_deciles());
  }
}

// The models in force and their name, or none after the call has failed.
clv::ModelDocument InForce(const std::shared_ptr<ValidateCall>& call, const std::string& hash,
                           std::string* version) {
  const auto record = call->backend().engine->GetModel();
  if (!record.ok()) {
    call->Fail(FromEngine(record.status(), kReasons));
    return {};
  }
  if (hash != kActive && hash != record->hash) {
    call->Fail(WithReason(
        absl::NotFoundError(absl::StrCat("models/", hash, " is not in force; models/", record->hash,
                                         " is, or leave `model` empty for a fit")),
        kReasons.not_found));
    return {};
  }
  const auto models = clv::ReadModelDocument(record->model_json);
  *version = record->hash;
  if (models.ok()) return *models;
  call->Fail(models.status());
  return {};
}

void Validate(const std::shared_ptr<ValidateCall>& call, int32_t holdout_days,
              const std::string& hash) {
  engine::Engine* const engine = call->backend().engine;
  const auto world = engine->world();
  if (world == nullptr || world->rules == nullptr) {
    return call->Fail(WithReason(
        absl::FailedPreconditionError("no rule set is in force, and its `value` settings say what "
                                      "to fit: publish one first (`tenure rules publish`)"),
        "NO_RULE_SET"));
  }
  planning::ValidationRequest request;
  request.at_us = engine->NowUs();
  request.holdout_days = holdout_days;
  request.cancel = &call->over();
  if (!hash.empty()) {
    request.models = InForce(call, hash, &request.version);
    if (request.models.model == nullptr) return;
  }
  const auto validated = planning::ValidatePopulation(world->rules, engine->population(), request);
  if (!validated.ok()) return call->Fail(FromEngine(validated.status(), kReasons));
  v1::ModelValidation out;
  ConvertValidation(*validated, &out);
  call->Reply(
      [&](v1::ValidateModelResponse* response) { response->mutable_validation()->Swap(&out); });
}

}  // namespace

void ConvertValidation(const validation::ModelValidation& validated, v1::ModelValidation* out) {
  const validation::Validation& figures = validated.figures;
  out->set_model(Name(kModels, validated.facts.version));
  out->set_kind(validated.facts.model);
  out->set_basis(validated.facts.basis);
  out->set_customers(figures.customers);
  out->set_holdout_days(figures.holdout_days);
  out->set_grade(GradeOf(validated.verdict.grade));
  out->set_summary(validated.verdict.summary);
  out->set_first_step(validated.verdict.first_step);
  for (const validation::Finding& finding : validated.verdict.findings) {
    v1::ValidationFinding* const to = out->add_findings();
    to->set_code(finding.code);
    to->set_grade(GradeOf(finding.grade));
    to->set_what(finding.what);
    to->set_remedy(finding.remedy);
  }
  ConvertAgreement(figures.purchases, out->mutable_purchases());
  if (figures.has_value) ConvertAgreement(figures.value, out->mutable_spend());
  if (validated.spend_total.has_value()) {
    ConvertTotal(*validated.spend_total, "revenue", out->mutable_spend_total());
  }
  for (const validation::FrequencyBin& bin : figures.bins) {
    ConvertGroup(bin, bin.label, out->add_frequency_bins());
  }
  if (validated.tracking.has_value()) {
    for (const validation::TrackingWeek& week : validated.tracking->weeks) {
      v1::ValidationWeek* const to = out->add_weeks();
      to->set_end(FormatDay(week.end_day * kMicrosPerDay));
      to->set_holdout(week.holdout);
      to->set_expected(week.expected);
      to->set_actual(week.actual);
      to->set_expected_total(week.expected_total);
      to->set_actual_total(week.actual_total);
    }
  }
  out->set_report_html(validated.ToHtml());
}

void ServeModelValidation(const std::shared_ptr<ValidateCall>& call,
                          const v1::ValidateModelRequest& request) {
  Violations violations;
  if (request.holdout_days() < 1 || request.holdout_days() > kMostHoldoutDays) {
    violations.Add("holdout_days", absl::StrCat("must be 1 to ", kMostHoldoutDays));
  }
  std::string hash;
  if (!request.model().empty()) {
    hash = std::string(ParseName("model", kModels, request.model(), 64, &violations));
  }
  if (!violations.empty()) return call->Fail(violations.ToStatus());
  call->WorkLong([call, days = request.holdout_days(), hash] { Validate(call, days, hash); });
}

}  // namespace tenure::api
