#include "server/planning/population_fit.h"

#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/status.h"
#include "server/planning/fit_options.h"

namespace tenure::planning {
namespace {

constexpr size_t kLeftOut = ~size_t{0};

std::pair<std::string, double> FamilyOf(const rules::ModelSettings& settings) {
  return {settings.model, settings.time_unit_days};
}

// All families' fits as one report.
clv::FitReport ReportOf(const clv::FittedPopulations& fitted) {
  clv::FitReport report;
  for (const clv::PopulationFamily& family : fitted.families) {
    const clv::FitReport& pooled = family.pooled;
    report.purchase.insert(report.purchase.end(), pooled.purchase.begin(), pooled.purchase.end());
    if (report.spend.model.empty()) {
      report.spend = pooled.spend;
      report.frequency_spend_correlation = pooled.frequency_spend_correlation;
    }
    report.spend_rows_left_out += pooled.spend_rows_left_out;
    absl::StrAppend(&report.why, report.why.empty() ? "" : " ", pooled.chosen, ": ", pooled.why);
    if (pooled.fallback.empty()) continue;
    absl::StrAppend(&report.fallback, report.fallback.empty() ? "" : "; ", family.model, ": ",
                    pooled.fallback);
  }
  report.chosen = fitted.models->pooled().model();
  return report;
}

}  // namespace

absl::StatusOr<PopulationFit> FitPopulations(const rules::ValueSettings& rules,
                                             const customers::Population::Summary& summary) {
  PopulationFit fit;
  const size_t populations = rules.populations.size() + 1;
  std::vector<int64_t> customers(populations);
  for (const uint32_t population : summary.population_of) ++customers[population];
  std::set<std::pair<std::string, double>> families;  // with a customer
  for (size_t p = 0; p < populations; ++p) {
    if (customers[p] > 0) families.insert(FamilyOf(rules.SettingsOf(p)));
  }
  std::vector<clv::PopulationSpec> specs;
  std::vector<std::string> without_rate;
  std::vector<size_t> spec_of(populations, kLeftOut);
  for (size_t p = 0; p < populations; ++p) {
    const rules::ModelSettings& settings = rules.SettingsOf(p);
    const std::string name(rules.NameOf(p));
    if (families.count(FamilyOf(settings)) == 0) {
      fit.left_out.push_back(name);
      continue;
    }
    absl::StatusOr<FitOptions> options =
        FitOptionsOf(rules, settings, summary.by_population[p], summary);
    if (!options.ok()) {
      return absl::FailedPreconditionError(
          absl::StrCat("value.populations, ", name, ": ", options.status().message()));
    }
    if (options->is_revenue) without_rate.push_back(name);
    fit.margin_rate_sources[name] = std::move(options->margin_rate_source);
    spec_of[p] = specs.size();
    specs.push_back({name, std::move(options->value)});
  }
  if (!without_rate.empty() && without_rate.size() < specs.size()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "value.populations: no margin is known of ", absl::StrJoin(without_rate, ", "),
        ", so that their values would be revenue and the others' margin; state margin_rate for "
        "them or value.margin_rate"));
  }
  std::vector<clv::Observation> rows;
  std::vector<size_t> population_of;
  for (size_t i = 0; i < summary.observations.size(); ++i) {
    population_of.push_back(spec_of[summary.population_of[i]]);
    rows.push_back(
        FitRowsOf(rules.SettingsOf(summary.population_of[i]), {&summary.observations[i], 1})[0]);
  }
  TENURE_ASSIGN_OR_RETURN(const FitOptions defaults, FitOptionsOf(rules, rules, summary, summary));
  auto fitted = clv::FitPopulations(rows, population_of, specs, defaults.value);
  if (!fitted.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat("value.populations: ", fitted.status().message()));
  }
  fit.fitted = *std::move(fitted);
  fit.report = ReportOf(fit.fitted);
  return fit;
}

}  // namespace tenure::planning
