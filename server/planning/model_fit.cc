#include "server/planning/model_fit.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/digest.h"
#include "server/base/status.h"
#include "server/base/time.h"
#include "server/planning/drift.h"
#include "server/planning/expected_purchases.h"

namespace tenure::planning {
namespace {

using nlohmann::ordered_json;

clv::ValueOptions OptionsOf(const rules::ValueSettings& settings, double margin_rate,
                            double kept_share) {
  clv::ValueOptions options;
  options.time_unit_days = settings.time_unit_days;
  options.horizon_days = settings.horizon_days;
  options.discount_per_year = settings.discount_per_year;
  options.response_window_days = settings.response_window_days;
  options.margin_rate = margin_rate;
  options.kept_share = kept_share;
  options.model = settings.model;
  return options;
}

ordered_json FitJson(const clv::ModelFit& fit) {
  ordered_json json;
  json["model"] = fit.model;
  json["params"] = ordered_json::object();
  for (size_t i = 0; i < fit.parameters.size(); ++i) {  // none where there was nothing to fit
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
                        const clv::ValueOptions& options, bool pooled) {
  ordered_json json;
  json["chosen"] = report.chosen;
  json["why"] = report.why;
  json["fallback"] = report.fallback;
  json["customers"] = summary.customers.size();
  json["purchases"] = summary.purchases;
  json["margin_rate"] = options.margin_rate;
  json["margin_rate_source"] = !pooled ? "rule set"
                               : summary.margins_known > 0
                                   ? "pooled over purchases and refunds with a known margin"
                                   : "no margin is known: revenue stands for it";
  json["kept_share"] = options.kept_share;
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

const char* LearnFromName(rules::LearnFrom learn_from) {
  switch (learn_from) {
    case rules::LearnFrom::kAll:
      return "all";
    case rules::LearnFrom::kHoldout:
      return "holdout";
    case rules::LearnFrom::kWeighted:
      return "weighted";
  }
  return "";
}

// What the fit learnt from, and by what drift will be measured: everybody as they are.
void AddBasis(const rules::RuleSet& rules, const customers::Population::Summary& summary,
              const customers::Population& population, const clv::ValueModel& model, int64_t at_us,
              ordered_json* report) {
  (*report)["learn_from"] = LearnFromName(rules.value.learn_from);
  (*report)["days_after_contact"] = summary.days_after_contact;
  (*report)["days_left_out"] = summary.days_left_out;
  Watched watched = WatchedOf(model, population.Summarize(at_us).observations);
  (*report)["distributions_of"] = watched.clv.size();
  ordered_json& distributions = (*report)["distributions"] = ordered_json::object();
  for (const auto& [quantity, values] :
       {std::pair<const char*, std::vector<double>*>{"clv", &watched.clv},
        {"frequency", &watched.frequency},
        {"recency_days", &watched.recency_days}}) {
    const Distribution deciles = DecilesOf(quantity, std::move(*values));
    distributions[quantity] = {{"ends", deciles.ends}, {"shares", deciles.shares}};
  }
}

// A version's name covers all that values and tiers follow from.
std::string HashOf(const journal::ModelRecord& record) {
  const journal::CutPoints& cuts = record.cut_points;
  const ordered_json json = {cuts.clv_high, cuts.clv_medium, cuts.recency_days, cuts.frequency,
                             cuts.monetary};
  return Sha256Hex(absl::StrCat(record.model_json, "\n", json.dump()));
}

absl::Status NothingToFit(const rules::RuleSet& rules) {
  if (rules.value.learn_from == rules::LearnFrom::kHoldout) {
    return absl::FailedPreconditionError(
        "no customer of the global holdout has a purchase yet, and value.learn_from is `holdout`; "
        "learn from `weighted`, or import events first (`tenure import events`)");
  }
  return absl::FailedPreconditionError(
      "no customer has a purchase yet, so there is nothing to fit; import events first "
      "(`tenure import events`)");
}

// Fits up to the holdout's start and checks against what came after; where there is nothing to
// check, `none` says why.
std::vector<clv::HoldoutCheck> CheckHoldout(const rules::RuleSet& rules,
                                            const customers::Population& population,
                                            const clv::ValueOptions& options,
                                            const FitRequest& request, std::string* none) {
  const auto days_us = static_cast<int64_t>(request.holdout_days * kMicrosPerDay);
  const int64_t from_us = request.at_us - days_us;
  if (from_us <= 0) {
    *none = "it begins before 1970";
    return {};
  }
  const customers::Population::Summary early =
      population.Summarize(request.at_us, from_us, LearningOf(rules));
  if (early.observations.empty()) {
    *none = "nobody had bought before it";
    return {};
  }
  const auto fitted = clv::FitValueModel(early.observations, options, early.holdout_purchases,
                                         request.holdout_days);
  if (!fitted.ok()) {
    *none = std::string(fitted.status().message());
    return {};
  }
  if (fitted->report.holdout.empty()) *none = "no model has a usable fit to what was before it";
  return fitted->report.holdout;
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
  const customers::Population::Summary summary =
      population.Summarize(request.at_us, 0, LearningOf(*rules));
  if (summary.observations.empty()) return NothingToFit(*rules);
  const bool pooled = !rules->value.margin_rate.has_value();
  if (pooled && summary.margins_known > 0 && !(summary.margin > 0 && summary.revenue > 0)) {
    return absl::FailedPreconditionError(
        "margins known so far, refunds taken off, sum to a loss, so value in margin has no "
        "positive rate; state value.margin_rate in the rule set");
  }
  const double pooled_rate = summary.margins_known > 0 ? summary.margin / summary.revenue : 1;
  const double kept =
      summary.sold > 0 ? std::clamp(1 - summary.refunded / summary.sold, 0.0, 1.0) : 1;
  const clv::ValueOptions options =
      OptionsOf(rules->value, pooled ? pooled_rate : *rules->value.margin_rate, kept);
  TENURE_RETURN_IF_ERROR(CheckCancelled(request));
  std::string no_holdout;
  std::vector<clv::HoldoutCheck> holdout;
  if (request.holdout_days > 0) {
    holdout = CheckHoldout(*rules, population, options, request, &no_holdout);
  }
  TENURE_RETURN_IF_ERROR(CheckCancelled(request));
  TENURE_ASSIGN_OR_RETURN(clv::FittedValue fitted,
                          clv::FitValueModel(summary.observations, options, {}, 0, holdout));
  if (!no_holdout.empty()) {
    // The fit stands without it.
    absl::StrAppend(&fitted.report.why, " No holdout of ", request.holdout_days,
                    " days was checked: ", no_holdout, ".");
  }
  TENURE_RETURN_IF_ERROR(CheckCancelled(request));
  journal::ModelRecord record;
  record.model_json = fitted.model->ToJson();
  record.rule_set = rules->hash;
  record.as_of_us = request.at_us;
  ordered_json report = ReportJson(fitted.report, summary, options, pooled);
  AddBasis(*rules, summary, population, *fitted.model, request.at_us, &report);
  record.report_json = report.dump();
  const customers::Valuation valuation{rules, fitted.model, journal::CutPoints()};
  record.cut_points = population.CutPointsAt(request.at_us, valuation);
  record.hash = HashOf(record);
  return record;
}

bool IsFallback(const journal::ModelRecord& record) {
  const ordered_json report = ordered_json::parse(record.report_json, nullptr, false);
  if (!report.is_object()) return false;
  const auto fallback = report.find("fallback");
  return fallback != report.end() && fallback->is_string() && *fallback != "";
}

}  // namespace tenure::planning
