#include "server/planning/model_validation.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/digest.h"
#include "server/base/money.h"
#include "server/base/status.h"
#include "server/base/time.h"
#include "server/planning/expected_purchases.h"
#include "server/planning/fit_options.h"
#include "server/planning/population_fit.h"

namespace tenure::planning {
namespace {

constexpr size_t kAskEvery = 4'096;  // customers between two looks at `cancel`

absl::Status CheckCancelled(const ValidationRequest& request) {
  if (request.cancel == nullptr || !request.cancel->load()) return absl::OkStatus();
  return absl::CancelledError("the validation was cancelled");
}

// When each of them bought, and what they spent in the holdout.
absl::Status AddDays(const customers::Population& population,
                     const std::vector<uint32_t>& customers, const ValidationRequest& request,
                     validation::HoldoutData* data) {
  for (size_t i = 0; i < customers.size(); ++i) {
    if (i % kAskEvery == 0) TENURE_RETURN_IF_ERROR(CheckCancelled(request));
    TENURE_ASSIGN_OR_RETURN(const customers::Customer customer, population.Get(customers[i]));
    int64_t spend_micros = 0;
    int64_t before = 0;
    for (size_t k = 0; k < customer.purchases.size(); ++k) {
      const customers::Purchase& purchase = customer.purchases[k];
      const int64_t day = population.days().DayAt(purchase.at_us);
      if (day > data->end_day) break;
      if (k == 0) {
        data->first_days.push_back(day);
      } else if (day != before) {
        data->repeat_days.push_back(day);
      }
      before = day;
      if (day > data->split_day) spend_micros += purchase.revenue_micros;
    }
    data->actual_spend.push_back(UnitsFromMicros(spend_micros));
  }
  return absl::OkStatus();
}

std::string Day(int64_t day) { return FormatDay(day * kMicrosPerDay); }

void Describe(const customers::Population& population, validation::HoldoutData* data) {
  const size_t customers = data->observations.size();
  data->facts = {
      {"customers", absl::StrCat(customers)},
      {"customers left out, without a purchase before the split",
       absl::StrCat(population.size() - customers)},
      {"split: the model sees purchases up to", Day(data->split_day)},
      {"held out", absl::StrCat(Day(data->split_day + 1), " to ", Day(data->end_day), ", ",
                                data->end_day - data->split_day, " days")},
      {"unit", absl::StrCat("days of ", population.days().zone(),
                            " with a purchase; revenue as sold, refunds not taken off")}};
}

// Fitted as of the holdout's start, and without it: the automatic choice would go by it.
absl::StatusOr<clv::ModelDocument> Fit(const rules::ValueSettings& rules,
                                       const customers::Population::Summary& summary,
                                       const validation::HoldoutData& data,
                                       validation::ModelOrigin* origin) {
  if (!rules.populations.empty()) {
    TENURE_ASSIGN_OR_RETURN(const PopulationFit fit, FitPopulations(rules, summary));
    origin->text = absl::StrCat(
        "fitted to the data before the split, a model for each population: ", fit.report.why);
    origin->fallback = fit.report.fallback;
    origin->version = Sha256Hex(fit.fitted.models->ToJson());
    return fit.models();
  }
  clv::ValueOptions options;
  options.time_unit_days = rules.time_unit_days;
  options.model = rules.model;
  TENURE_ASSIGN_OR_RETURN(const clv::FittedValue fitted,
                          clv::FitValueModel(FitRowsOf(rules, data.observations), options));
  *origin = validation::OriginOf(fitted, data);
  return clv::ModelDocument{fitted.model, nullptr};
}

void Describe(const clv::ModelDocument& models, const ValidationRequest& request,
              validation::ModelOrigin* origin) {
  origin->text =
      "as it is in force: where the data it was fitted to reach into the holdout, these figures "
      "flatter it";
  origin->version = request.version;
  if (models.model->parameters().fallback) origin->fallback = models.model->parameters().verdict;
}

// The models of those who have bought, and whose each customer has.
std::vector<validation::PartModel> PartsOf(const clv::ModelDocument& models,
                                           const rules::RuleSet& rules,
                                           const customers::Population::Summary& summary,
                                           std::vector<size_t>* part_of) {
  std::vector<validation::PartModel> parts;
  part_of->resize(summary.customers.size());
  ByModel(models, rules, summary,
          [&](const clv::ValueModel& model, const std::vector<size_t>& rows) {
            for (const size_t row : rows) (*part_of)[row] = parts.size();
            std::string name;
            if (!summary.population_of.empty()) {
              name = &model == models.model.get()
                         ? "pooled"
                         : std::string(rules.value.NameOf(summary.population_of[rows[0]]));
            }
            // Held by `models`, which outlives the validation.
            parts.push_back({std::move(name),
                             {std::shared_ptr<const clv::ValueModel>(), &model},
                             models.IsOwn(model)});
          });
  return parts;
}

}  // namespace

absl::StatusOr<validation::ModelValidation> ValidatePopulation(
    const std::shared_ptr<const rules::RuleSet>& rules, const customers::Population& population,
    const ValidationRequest& request) {
  validation::HoldoutData data;
  data.has_days = true;
  const DayCalendar& days = population.days();
  data.end_day = days.DayAt(request.at_us) - 1;
  data.split_day = data.end_day - request.holdout_days;
  data.holdout_days = request.holdout_days;
  data.entry_age_days = 1;  // ages reach to the end of the day here
  // The last instants of both days.
  const int64_t split_us = days.StartOf(static_cast<int32_t>(data.split_day) + 1) - 1;
  const int64_t end_us = days.StartOf(static_cast<int32_t>(data.end_day) + 1) - 1;
  if (split_us <= 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("a holdout of ", request.holdout_days, " days begins before 1970"));
  }
  TENURE_RETURN_IF_ERROR(CheckCancelled(request));
  const customers::Population::Summary summary =
      population.Summarize(end_us, split_us, {nullptr, 0, rules});
  if (summary.observations.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("nobody had bought up to ", Day(data.split_day),
                     ", so there is nothing to "
                     "validate a holdout of ",
                     request.holdout_days,
                     " days on; take a shorter "
                     "one, or import earlier events (`tenure import events`)"));
  }
  data.observations = summary.observations;
  data.actual_purchases = summary.holdout_purchases;
  clv::ModelDocument models = request.models;
  validation::ModelOrigin origin;
  if (models.model == nullptr) {
    TENURE_ASSIGN_OR_RETURN(models, Fit(rules->value, summary, data, &origin));
  } else {
    Describe(models, request, &origin);
  }
  TENURE_RETURN_IF_ERROR(AddDays(population, summary.customers, request, &data));
  Describe(population, &data);
  TENURE_RETURN_IF_ERROR(CheckCancelled(request));
  std::vector<size_t> part_of;
  const std::vector<validation::PartModel> parts = PartsOf(models, *rules, summary, &part_of);
  return validation::ValidateModels(parts, part_of, std::move(data), std::move(origin));
}

}  // namespace tenure::planning
