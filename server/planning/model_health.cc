#include "server/planning/model_health.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "server/base/status.h"
#include "server/base/time.h"
#include "server/planning/drift.h"
#include "server/planning/expected_purchases.h"
#include "server/planning/population_report.h"

namespace tenure::planning {
namespace {

using nlohmann::json;

// Of two distributions' shares alone one can't tell chance from drift: beyond this it is said.
constexpr double kStandardErrors = 2;

struct Kept {
  std::vector<Distribution> distributions;
  int64_t customers = 0;
};

// What stands in one object of a report; nothing where it is not of that shape.
Kept KeptIn(const json& report) {
  Kept kept;
  if (!report.is_object() || !report.contains("distributions")) return kept;
  try {
    for (const auto& [quantity, one] : report["distributions"].items()) {
      kept.distributions.push_back({quantity, one.at("ends").get<std::vector<double>>(),
                                    one.at("shares").get<std::vector<double>>()});
      if (kept.distributions.back().shares.size() != kept.distributions.back().ends.size() + 1) {
        return {};
      }
    }
    kept.customers = report.at("distributions_of").get<int64_t>();
  } catch (const json::exception&) {
    return {};
  }
  return kept;
}

// Standard errors beyond which the worst of `several` is when none is: two of one, more of more
// (Bonferroni's correction, by a bound of the Normal's tail).
double StandardErrorsOf(size_t several) {
  const auto count = static_cast<double>(std::max<size_t>(several, 1));
  return std::sqrt(kStandardErrors * kStandardErrors + 2 * std::log(count));
}

void AddShiftsOf(const std::string& population, const Kept& kept, const Watched& now,
                 size_t several, ModelHealth* health) {
  const auto count = static_cast<int64_t>(now.clv.size());
  for (const Distribution& then : kept.distributions) {
    const std::vector<double>* values = then.quantity == "clv"         ? &now.clv
                                        : then.quantity == "frequency" ? &now.frequency
                                                                       : &now.recency_days;
    Shift shift;
    shift.population = population;
    shift.quantity = then.quantity;
    shift.ends = then.ends;
    shift.then = then.shares;
    shift.now = SharesOf(then, *values);
    shift.index = StabilityIndex(shift.then, shift.now, kept.customers, count);
    shift.by_chance = IndexByChance(shift.then.size(), kept.customers, count);
    if (several > 0 && shift.then.size() > 1) {
      // By chance the index is by_chance/(bins − 1) times a chi-square of bins − 1.
      const double spread =
          shift.by_chance * std::sqrt(2 / static_cast<double>(shift.then.size() - 1));
      shift.counts = shift.index - shift.by_chance > StandardErrorsOf(several) * spread;
    }
    health->shifts.push_back(std::move(shift));
  }
}

void AddShifts(const std::shared_ptr<const rules::RuleSet>& rules,
               const journal::ModelRecord& record, const clv::ModelDocument& models,
               const customers::Population& population, ModelHealth* health) {
  const json report = json::parse(record.report_json, nullptr, false);
  const Kept kept = KeptIn(report);
  if (kept.distributions.empty()) return;
  const customers::Population::Summary summary =
      population.Summarize(health->at_us, 0, {nullptr, 0, rules});
  const Watched now = WatchedOf(models, *rules, summary);
  AddShiftsOf("", kept, now, 0, health);
  const auto each = report.find("population_distributions");
  if (each == report.end() || !each->is_object()) return;
  const size_t several = summary.by_population.size();
  for (size_t p = 0; p < several; ++p) {
    const std::string name(rules->value.NameOf(p));
    const auto theirs = each->find(name);
    if (theirs == each->end()) continue;
    const Watched of_population = now.Of(summary.population_of, static_cast<uint32_t>(p));
    if (of_population.clv.empty()) continue;
    AddShiftsOf(name, KeptIn(*theirs), of_population, several, health);
  }
}

size_t BinOf(double frequency) {
  if (frequency <= 3) return static_cast<size_t>(std::max(frequency, 0.0));
  return frequency <= 6 ? 4 : 5;
}

void AddPopulations(const rules::ValueSettings& value, const clv::ModelDocument& models,
                    const customers::Population::Summary& early,
                    const std::vector<double>& expected, ModelHealth* health) {
  for (size_t p = 0; p < early.by_population.size(); ++p) {
    const std::string name(value.NameOf(p));
    health->populations.emplace_back();
    health->populations.back().name = name;
    health->populations.back().text = TextOf(models, name);
  }
  for (size_t i = 0; i < early.population_of.size(); ++i) {
    PopulationCalibration& population = health->populations[early.population_of[i]];
    ++population.customers;
    population.expected += expected[i];
    population.actual += early.holdout_purchases[i];
    const double error = early.holdout_purchases[i] - expected[i];
    population.standard_error += error * error;
  }
  const double most = StandardErrorsOf(health->populations.size());
  for (PopulationCalibration& population : health->populations) {
    population.standard_error = std::sqrt(population.standard_error);
    const double off = std::abs(population.actual - population.expected);
    population.off_by = population.expected > 0 ? off / population.expected : 0;
    population.significant = off > most * population.standard_error;
  }
}

absl::Status AddCalibration(const std::shared_ptr<const rules::RuleSet>& rules,
                            const clv::ModelDocument& models,
                            const customers::Population& population,
                            const journal::ModelRecord& record, ModelHealth* health) {
  const double days = rules->value.response_window_days;
  const int64_t from_us =
      health->at_us - static_cast<int64_t>(days * static_cast<double>(kMicrosPerDay));
  if (from_us <= 0) return absl::OkStatus();
  const customers::Population::Summary early =
      population.Summarize(health->at_us, from_us, LearningOf(rules));
  if (early.observations.empty()) return absl::OkStatus();
  TENURE_ASSIGN_OR_RETURN(const std::vector<double> expected,
                          ExpectedPurchases(models, *rules, early, days));
  health->window_days = days;
  for (const char* name : {"0", "1", "2", "3", "4 to 6", "7 or more"}) {
    health->bins.push_back({name, 0, 0, 0});
  }
  double squares = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    CalibrationBin& bin = health->bins[BinOf(early.observations[i].frequency)];
    ++bin.customers;
    bin.expected += expected[i];
    bin.actual += early.holdout_purchases[i];
    health->expected += expected[i];
    health->actual += early.holdout_purchases[i];
    const double error = early.holdout_purchases[i] - expected[i];
    squares += error * error;
  }
  AddPopulations(rules->value, models, early, expected, health);
  health->standard_error = std::sqrt(squares);
  const double off = std::abs(health->actual - health->expected);
  health->off_by = health->expected > 0 ? off / health->expected : 0;
  health->significant = off > kStandardErrors * health->standard_error;
  health->knew_window = record.as_of_us > from_us;
  return absl::OkStatus();
}

void Judge(const rules::RuleSet& rules, ModelHealth* health) {
  const rules::RefitSettings refit = rules.value.refit.value_or(rules::RefitSettings());
  const double most_index = refit.when_psi_above.value_or(kIndexToRefit);
  const double most_off = refit.when_calibration_off_by.value_or(kOffToRefit);
  const auto raise = [&](double value, double watch, double limit, const std::string& what) {
    const HealthVerdict verdict = value > limit                    ? HealthVerdict::kRefit
                                  : value > std::min(watch, limit) ? HealthVerdict::kWatch
                                                                   : HealthVerdict::kStable;
    if (verdict == HealthVerdict::kStable) return;
    health->verdict = std::max(health->verdict, verdict);
    absl::StrAppend(&health->why, health->why.empty() ? "" : "; ", what,
                    absl::StrFormat(" (limit %.3g)", limit));
  };
  for (const Shift& shift : health->shifts) {
    raise(shift.drift(), kIndexToWatch, most_index,
          absl::StrFormat("%s%s has moved, stability index %.3f", shift.quantity,
                          shift.population.empty() ? "" : absl::StrCat(" of ", shift.population),
                          shift.index));
  }
  if (health->significant) {
    raise(health->off_by, kOffToWatch, most_off,
          absl::StrFormat("%.0f purchases in the last %.0f days where %.0f were expected, %.0f %% "
                          "off",
                          health->actual, health->window_days, health->expected,
                          100 * health->off_by));
  }
  for (const PopulationCalibration& population : health->populations) {
    if (!population.significant) continue;
    raise(population.off_by, kOffToWatch, most_off,
          absl::StrFormat("%.0f of %s where %.0f were expected, %.0f %% off", population.actual,
                          population.name, population.expected, 100 * population.off_by));
  }
  if (!health->changed.empty()) {
    health->verdict = HealthVerdict::kRefit;
    absl::StrAppend(&health->why, health->why.empty() ? "" : "; ", "who is in ",
                    absl::StrJoin(health->changed, ", "),
                    " is decided by other conditions than at the fit: its parameters are of other "
                    "customers");
  }
  switch (health->verdict) {
    case HealthVerdict::kStable:
      health->why = health->window_days > 0 || !health->shifts.empty()
                        ? "purchases come as expected and the population is that of the fit"
                        : "nothing could be checked yet";
      break;
    case HealthVerdict::kWatch:
      health->remedy =
          "look again in a week; `tenure models fit --candidate`, then `tenure models "
          "compare`, shows what a new fit would change";
      break;
    case HealthVerdict::kRefit:
      health->remedy =
          "fit a candidate (`tenure models fit --candidate`), compare it (`tenure "
          "models compare`), put it in force (`tenure models activate`); where a "
          "season is the reason, a new fit will not help";
      break;
  }
}

}  // namespace

absl::StatusOr<ModelHealth> CheckHealth(const std::shared_ptr<const rules::RuleSet>& rules,
                                        const customers::Population& population,
                                        const journal::ModelRecord& record, int64_t at_us) {
  TENURE_ASSIGN_OR_RETURN(const auto models, ModelOf(record));
  ModelHealth health;
  health.model = record.hash;
  health.at_us = at_us;
  health.changed = ChangedPopulations(record, *rules);
  AddShifts(rules, record, models, population, &health);
  TENURE_RETURN_IF_ERROR(AddCalibration(rules, models, population, record, &health));
  Judge(*rules, &health);
  return health;
}

bool IsRefitDue(const rules::RefitSettings& refit, const ModelHealth& health) {
  if (refit.when_psi_above.has_value()) {
    for (const Shift& shift : health.shifts) {
      if (shift.drift() > *refit.when_psi_above) return true;
    }
  }
  if (!refit.when_calibration_off_by.has_value()) return false;
  if (health.significant && health.off_by > *refit.when_calibration_off_by) return true;
  for (const PopulationCalibration& population : health.populations) {
    if (population.significant && population.off_by > *refit.when_calibration_off_by) return true;
  }
  return false;
}

}  // namespace tenure::planning
