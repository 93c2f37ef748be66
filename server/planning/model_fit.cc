#include "server/planning/model_fit.h"

#include <cmath>
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
#include "server/planning/fit_options.h"
#include "server/planning/population_fit.h"
#include "server/planning/population_report.h"

namespace tenure::planning {
namespace {

using nlohmann::ordered_json;

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

ordered_json HoldoutJson(const clv::HoldoutCheck& check) {
  return {{"model", check.model},
          {"days", check.days},
          {"expected", check.expected},
          {"actual", check.actual},
          {"mean_absolute_error", check.mean_absolute_error}};
}

ordered_json ReportJson(const clv::FitReport& report, const customers::Population::Summary& summary,
                        const FitOptions& options) {
  ordered_json json;
  json["chosen"] = report.chosen;
  json["why"] = report.why;
  json["fallback"] = report.fallback;
  json["customers"] = summary.customers.size();
  json["purchases"] = summary.purchases;
  json["margin_rate"] = options.value.margin_rate;
  json["margin_rate_source"] = options.margin_rate_source;
  json["kept_share"] = options.value.kept_share;
  json["purchase"] = ordered_json::array();
  for (const clv::ModelFit& fit : report.purchase) json["purchase"].push_back(FitJson(fit));
  if (!report.spend.model.empty()) {
    json["spend"] = FitJson(report.spend);
    json["spend"]["left_out"] = report.spend_rows_left_out;
    json["spend"]["frequency_correlation"] = report.frequency_spend_correlation;
  }
  json["holdout"] = ordered_json::array();
  for (const clv::HoldoutCheck& check : report.holdout) {
    json["holdout"].push_back(HoldoutJson(check));
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

ordered_json DistributionsJson(const Watched& watched) {
  ordered_json distributions = ordered_json::object();
  for (const auto& [quantity, values] :
       {std::pair<const char*, const std::vector<double>*>{"clv", &watched.clv},
        {"frequency", &watched.frequency},
        {"recency_days", &watched.recency_days}}) {
    const Distribution deciles = DecilesOf(quantity, *values);
    distributions[quantity] = {{"ends", deciles.ends}, {"shares", deciles.shares}};
  }
  return distributions;
}

// What the fit learnt from, and by what drift will be measured: everybody as they are.
void AddBasis(const std::shared_ptr<const rules::RuleSet>& rules,
              const customers::Population::Summary& summary,
              const customers::Population& population, const clv::ModelDocument& models,
              int64_t at_us, ordered_json* report) {
  (*report)["learn_from"] = LearnFromName(rules->value.learn_from);
  (*report)["days_after_contact"] = summary.days_after_contact;
  (*report)["days_left_out"] = summary.days_left_out;
  const customers::Population::Summary everybody =
      population.Summarize(at_us, 0, {nullptr, 0, rules});
  const Watched watched = WatchedOf(models, *rules, everybody);
  (*report)["distributions_of"] = watched.clv.size();
  (*report)["distributions"] = DistributionsJson(watched);
  if (everybody.by_population.empty()) return;
  ordered_json& each = (*report)["population_distributions"] = ordered_json::object();
  for (size_t p = 0; p < everybody.by_population.size(); ++p) {
    const Watched theirs = watched.Of(everybody.population_of, static_cast<uint32_t>(p));
    if (theirs.clv.empty()) continue;
    each[std::string(rules->value.NameOf(p))] = {{"distributions_of", theirs.clv.size()},
                                                 {"distributions", DistributionsJson(theirs)}};
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

// What a fit came to.
struct Fitted {
  clv::ModelDocument models;
  ordered_json report;
};

absl::StatusOr<Fitted> FitOne(const rules::ValueSettings& rules,
                              const customers::Population::Summary& summary,
                              const std::vector<clv::HoldoutCheck>& holdout) {
  TENURE_ASSIGN_OR_RETURN(const FitOptions options, FitOptionsOf(rules, rules, summary, summary));
  const std::vector<clv::Observation> rows = FitRowsOf(rules, summary.observations);
  TENURE_ASSIGN_OR_RETURN(const clv::FittedValue fitted,
                          clv::FitValueModel(rows, options.value, {}, 0, holdout));
  return Fitted{{fitted.model, nullptr}, ReportJson(fitted.report, summary, options)};
}

absl::StatusOr<Fitted> FitSeveral(const rules::RuleSet& set,
                                  const customers::Population::Summary& summary) {
  const rules::ValueSettings& rules = set.value;
  TENURE_ASSIGN_OR_RETURN(const PopulationFit fit, FitPopulations(rules, summary));
  TENURE_ASSIGN_OR_RETURN(const FitOptions options, FitOptionsOf(rules, rules, summary, summary));
  Fitted fitted{fit.models(), ReportJson(fit.report, summary, options)};
  fitted.report["populations"] = PopulationsJson(fit, set);
  return fitted;
}

// Fits up to the holdout's start and checks against what came after; where there is nothing to
// check, `none` says why.
std::vector<clv::HoldoutCheck> CheckHoldout(const rules::ValueSettings& rules,
                                            const customers::Population::Summary& early,
                                            double days, std::string* none) {
  auto options = FitOptionsOf(rules, rules, early, early);
  // Of purchases alone: margins have no part in it.
  if (!options.ok()) options = FitOptionsOf(rules, rules, {}, {});
  const std::vector<clv::Observation> rows = FitRowsOf(rules, early.observations);
  auto fitted = clv::FitValueModel(rows, options->value, early.holdout_purchases, days);
  if (!fitted.ok()) {
    *none = std::string(fitted.status().message());
    return {};
  }
  if (fitted->report.holdout.empty()) *none = "no model has a usable fit to what was before it";
  return std::move(fitted->report.holdout);
}

// The same of populations, each by its own model.
ordered_json CheckPopulations(const rules::RuleSet& rules,
                              const customers::Population::Summary& early, double days,
                              std::string* none) {
  ordered_json checks = ordered_json::array();
  const auto fit = FitPopulations(rules.value, early);
  if (!fit.ok()) {
    *none = std::string(fit.status().message());
    return checks;
  }
  const auto expected = ExpectedPurchases(fit->models(), rules, early, days);
  if (!expected.ok()) {
    *none = std::string(expected.status().message());
    return checks;
  }
  for (size_t p = 0; p < early.by_population.size(); ++p) {
    const std::string name(rules.value.NameOf(p));
    clv::HoldoutCheck check{fit->models().ModelOf(name).model(), days};
    double customers = 0;
    for (size_t i = 0; i < expected->size(); ++i) {
      if (early.population_of[i] != p) continue;
      ++customers;
      check.expected += (*expected)[i];
      check.actual += early.holdout_purchases[i];
      check.mean_absolute_error += std::abs((*expected)[i] - early.holdout_purchases[i]);
    }
    if (customers == 0) continue;
    check.mean_absolute_error /= customers;
    checks.push_back(HoldoutJson(check));
    checks.back()["population"] = name;
  }
  return checks;
}

// The holdout's beginning; 0 where there is none, and `none` says why.
int64_t HoldoutFrom(const FitRequest& request, std::string* none) {
  if (!(request.holdout_days > 0)) return 0;
  const auto days_us = static_cast<int64_t>(request.holdout_days * kMicrosPerDay);
  if (request.at_us > days_us) return request.at_us - days_us;
  *none = "it begins before 1970";
  return 0;
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
      population.Summarize(request.at_us, 0, LearningOf(rules));
  if (summary.observations.empty()) return NothingToFit(*rules);
  const bool several = !rules->value.populations.empty();
  std::string no_holdout;
  std::vector<clv::HoldoutCheck> holdout;
  ordered_json holdouts;
  const int64_t from_us = HoldoutFrom(request, &no_holdout);
  if (from_us > 0) {
    TENURE_RETURN_IF_ERROR(CheckCancelled(request));
    const customers::Population::Summary early =
        population.Summarize(request.at_us, from_us, LearningOf(rules));
    if (early.observations.empty()) {
      no_holdout = "nobody had bought before it";
    } else if (several) {
      holdouts = CheckPopulations(*rules, early, request.holdout_days, &no_holdout);
    } else {
      holdout = CheckHoldout(rules->value, early, request.holdout_days, &no_holdout);
    }
  }
  TENURE_RETURN_IF_ERROR(CheckCancelled(request));
  TENURE_ASSIGN_OR_RETURN(Fitted fitted, several ? FitSeveral(*rules, summary)
                                                 : FitOne(rules->value, summary, holdout));
  ordered_json& report = fitted.report;
  if (several && !holdouts.empty()) report["holdout"] = std::move(holdouts);
  if (!no_holdout.empty()) {
    // The fit stands without it.
    report["why"] = absl::StrCat(report["why"].get<std::string>(), " No holdout of ",
                                 request.holdout_days, " days was checked: ", no_holdout, ".");
  }
  TENURE_RETURN_IF_ERROR(CheckCancelled(request));
  const clv::ModelDocument& models = fitted.models;
  journal::ModelRecord record;
  record.model_json =
      models.populations != nullptr ? models.populations->ToJson() : models.model->ToJson();
  record.rule_set = rules->hash;
  record.as_of_us = request.at_us;
  AddBasis(rules, summary, population, models, request.at_us, &report);
  record.report_json = report.dump();
  const customers::Valuation valuation{rules, models.model, journal::CutPoints(),
                                       models.populations};
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

bool HasLostFit(const journal::ModelRecord& record, const journal::ModelRecord& before) {
  const auto now = ModelOf(record);
  const auto then = ModelOf(before);
  if (!now.ok() || !then.ok()) return IsFallback(record) && !IsFallback(before);
  const auto falls_back = [](const journal::ModelRecord& of, const clv::ModelDocument& models) {
    return models.populations == nullptr ? IsFallback(of) : models.model->parameters().fallback;
  };
  if (falls_back(record, *now) && !falls_back(before, *then)) return true;
  if (now->populations == nullptr || then->populations == nullptr) return false;
  for (const clv::Population& population : now->populations->populations()) {
    const clv::Population* const earlier = then->populations->Find(population.name);
    if (earlier != nullptr && !earlier->model->parameters().fallback &&
        population.model->parameters().fallback) {
      return true;
    }
  }
  return false;
}

}  // namespace tenure::planning
