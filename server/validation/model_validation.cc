#include "server/validation/model_validation.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/base/status.h"
#include "server/clv/renewals.h"
#include "server/clv/total_value.h"
#include "server/validation/forecast.h"

namespace tenure::validation {
namespace {

// Days without anybody's purchase at the holdout's end that chance may bring.
constexpr double kQuietDays = 7;
constexpr double kQuietShare = 0.05;  // of the holdout

ReportFacts FactsOf(absl::Span<const PartModel> parts, const HoldoutData& data,
                    ModelOrigin origin) {
  const clv::ValueModel& model = *parts[0].model;
  ReportFacts facts;
  facts.model = model.parameters().model;
  facts.version = origin.version.empty() ? model.Version() : origin.version;
  facts.model_origin = std::move(origin.text);
  facts.fit_verdict = model.parameters().verdict;
  facts.spend_verdict = model.parameters().spend_verdict;
  facts.fallback = std::move(origin.fallback);
  facts.basis = "revenue, undiscounted";
  facts.time_unit_days = model.options().time_unit_days;
  facts.parameters = EstimatesOf(model);
  for (const PartModel& part : parts.subspan(1)) {
    if (facts.model != part.model->model()) facts.model = "several";
  }
  if (parts.size() > 1) {
    facts.parameters.clear();
    facts.fit_verdict = facts.spend_verdict = "";
  }
  for (const PartModel& part : parts) {
    if (parts.size() == 1) break;
    for (ParameterEstimate estimate : EstimatesOf(*part.model)) {
      estimate.name = absl::StrCat(part.name, ": ", estimate.name);
      facts.parameters.push_back(std::move(estimate));
    }
    absl::StrAppend(&facts.fit_verdict, facts.fit_verdict.empty() ? "" : "; ", part.name, " (",
                    part.model->model(), "): ", part.model->parameters().verdict);
    absl::StrAppend(&facts.spend_verdict, facts.spend_verdict.empty() ? "" : "; ", part.name, ": ",
                    part.model->parameters().spend_verdict);
  }
  facts.tried = std::move(origin.tried);
  facts.data = data.facts;
  if (!data.has_days) {
    facts.no_tracking =
        "A summary doesn't say when purchases came, so there is no tracking over time: validate "
        "from transactions for that.";
  }
  return facts;
}

absl::Status CheckLengths(const HoldoutData& data) {
  const size_t customers = data.observations.size();
  if (data.actual_purchases.size() == customers &&
      (data.actual_spend.empty() || data.actual_spend.size() == customers) &&
      (data.weights.empty() || data.weights.size() == customers) &&
      (!data.has_days || (data.first_days.size() == customers && data.weights.empty()))) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "every customer needs an entry in each of the data's vectors, and tracking knows no weights");
}

// What is expected of the rows, taken as the model takes them.
absl::StatusOr<std::vector<Expectation>> ExpectedOf(const Forecast& forecast,
                                                    const std::string& model, double time_unit_days,
                                                    absl::Span<const clv::Observation> rows) {
  if (!clv::IsContract(model)) return forecast.Of(rows);
  return forecast.Of(clv::RowsFor(model, time_unit_days, rows));
}

// What the fit expected of the holdout; left unset where it can't say.
void Check(const clv::ModelFit& fit, double time_unit_days, const HoldoutData& data,
           TriedModel* tried) {
  clv::ValueParameters parameters;
  parameters.model = fit.model;
  parameters.purchase = fit.parameters;
  clv::ValueOptions options;
  options.time_unit_days = time_unit_days;
  const auto model = clv::ValueModel::Create(std::move(parameters), std::move(options));
  if (!model.ok()) return;
  const absl::StatusOr<Forecast> forecast = Forecast::Create(**model, data.holdout_days);
  if (!forecast.ok()) return;
  const auto expected = ExpectedOf(*forecast, fit.model, time_unit_days, data.observations);
  if (!expected.ok() || expected->size() != data.actual_purchases.size()) return;
  double sum = 0, error = 0, weights = 0;
  for (size_t i = 0; i < expected->size(); ++i) {
    const double weight = data.weights.empty() ? 1 : data.weights[i];
    sum += weight * (*expected)[i].purchases;
    error += weight * std::abs((*expected)[i].purchases - data.actual_purchases[i]);
    weights += weight;
  }
  tried->expected = sum;
  tried->mean_absolute_error = error / weights;
}

// The customers of each part, in the order of all.
struct Divided {
  std::vector<std::vector<clv::Observation>> observations;
  std::vector<std::vector<double>> weights;  // empty: 1 each

  double WeightOf(size_t part, size_t row) const {
    return weights[part].empty() ? 1 : weights[part][row];
  }
};

// Moves them out of `data`: of millions there is no room for a copy.
Divided Divide(size_t parts, absl::Span<const size_t> part_of, HoldoutData* data) {
  Divided divided{std::vector<std::vector<clv::Observation>>(parts),
                  std::vector<std::vector<double>>(parts)};
  if (parts == 1) {
    divided.observations[0] = std::move(data->observations);
    divided.weights[0] = std::move(data->weights);
    return divided;
  }
  std::vector<size_t> sizes(parts);
  for (const size_t part : part_of) ++sizes[part];
  for (size_t p = 0; p < parts; ++p) divided.observations[p].reserve(sizes[p]);
  for (size_t i = 0; i < part_of.size(); ++i) {
    divided.observations[part_of[i]].push_back(data->observations[i]);
    if (!data->weights.empty()) divided.weights[part_of[i]].push_back(data->weights[i]);
  }
  std::vector<clv::Observation>().swap(data->observations);
  return divided;
}

// Revenue of the holdout, undiscounted, no refunds taken off, as Forecast has it: nothing is sent
// back, also in `divided`.
absl::StatusOr<clv::TotalValue> SpendTotal(absl::Span<const PartModel> parts, double holdout_days,
                                           Divided* divided) {
  std::vector<clv::TotalValue> own, alike;
  for (size_t p = 0; p < parts.size(); ++p) {
    const clv::ValueModel& model = *parts[p].model;
    clv::ValueOptions options = model.options();
    options.horizon_days = holdout_days;
    options.response_window_days = std::min(options.response_window_days, holdout_days);
    options.discount_per_year = 0;
    options.margin_rate = options.kept_share = 1;
    TENURE_ASSIGN_OR_RETURN(const auto over, clv::ValueModel::Create(model.parameters(), options));
    for (clv::Observation& row : divided->observations[p]) row.kept = 1;
    TENURE_ASSIGN_OR_RETURN((parts[p].is_own ? own : alike).emplace_back(),
                            clv::TotalOf(*over, divided->observations[p], {}, divided->weights[p]));
  }
  return clv::Together(own, alike);
}

}  // namespace

ModelOrigin OriginOf(const clv::FittedValue& fitted, const HoldoutData& data) {
  ModelOrigin origin;
  origin.text =
      absl::StrCat("fitted to the data before the split, chosen because: ", fitted.report.why);
  origin.fallback = fitted.report.fallback;
  for (const clv::ModelFit& fit : fitted.report.purchase) {
    origin.tried.push_back({fit.model, fit.VerdictText(), fit.log_likelihood});
    if (fit.usable()) {
      Check(fit, fitted.model->options().time_unit_days, data, &origin.tried.back());
    }
  }
  return origin;
}

absl::StatusOr<ModelValidation> ValidateModel(const clv::ValueModel& model, HoldoutData data,
                                              ModelOrigin origin) {
  // Not owned: it outlives the call.
  const PartModel part{
      "", std::shared_ptr<const clv::ValueModel>(std::shared_ptr<const clv::ValueModel>(), &model)};
  const std::vector<size_t> part_of(data.observations.size());
  return ValidateModels({&part, 1}, part_of, std::move(data), std::move(origin));
}

absl::StatusOr<ModelValidation> ValidateModels(absl::Span<const PartModel> parts,
                                               absl::Span<const size_t> part_of, HoldoutData data,
                                               ModelOrigin origin) {
  TENURE_RETURN_IF_ERROR(CheckLengths(data));
  const size_t customers = data.observations.size();
  if (parts.empty() || part_of.size() != customers) {
    return absl::InvalidArgumentError("every customer needs a model");
  }
  std::vector<Forecast> forecasts;
  bool has_value = !data.actual_spend.empty();
  for (const PartModel& part : parts) {
    TENURE_ASSIGN_OR_RETURN(Forecast forecast, Forecast::Create(*part.model, data.holdout_days));
    has_value = has_value && forecast.has_spend();
    forecasts.push_back(std::move(forecast));
  }
  Divided divided = Divide(parts.size(), part_of, &data);
  std::vector<std::vector<Expectation>> expected(parts.size());
  std::vector<double> shares;  // of the customers
  for (size_t p = 0; p < parts.size(); ++p) {
    const clv::ValueModel& model = *parts[p].model;
    TENURE_ASSIGN_OR_RETURN(expected[p],
                            ExpectedOf(forecasts[p], model.model(), model.options().time_unit_days,
                                       divided.observations[p]));
    shares.push_back(static_cast<double>(divided.observations[p].size()) /
                     static_cast<double>(customers));
  }
  ModelValidation result;
  if (has_value) {
    TENURE_ASSIGN_OR_RETURN(result.spend_total, SpendTotal(parts, data.holdout_days, &divided));
  }
  std::vector<HoldoutRow> rows;
  rows.reserve(customers);
  std::vector<size_t> next(parts.size());
  for (size_t i = 0; i < customers; ++i) {
    const size_t part = part_of[i];
    const size_t row = next[part]++;
    const Expectation& one = expected[part][row];
    rows.push_back({divided.observations[part][row].frequency, one.purchases,
                    data.actual_purchases[i], has_value ? one.value : 0,
                    has_value ? data.actual_spend[i] : 0, divided.WeightOf(part, row)});
  }
  divided = Divided();
  expected.clear();
  TENURE_ASSIGN_OR_RETURN(result.figures, Validate(std::move(rows), has_value, data.holdout_days));
  if (data.has_days) {
    const auto expected_of_new = [&](double days) {
      double sum = 0;
      for (size_t p = 0; p < parts.size(); ++p) {
        sum += shares[p] * forecasts[p].PurchasesOfNew(days + data.entry_age_days);
      }
      return sum;
    };
    TENURE_ASSIGN_OR_RETURN(
        result.tracking,
        Track({data.first_days, data.repeat_days, data.split_day, data.end_day}, expected_of_new));
  }
  result.facts = FactsOf(parts, data, std::move(origin));
  if (result.spend_total.has_value()) {
    const clv::TotalValue& total = *result.spend_total;
    result.facts.data.emplace_back(
        "expected spend in all, 95 %",
        absl::StrFormat("mean %.2f to %.2f, outcome %.2f to %.2f", total.clv_mean_low,
                        total.clv_mean_high, total.clv_predictive_low, total.clv_predictive_high));
  }
  result.verdict = Judge(result.figures, result.tracking_or_null(), result.facts.model);
  const double missing =
      data.last_day.has_value() ? static_cast<double>(data.end_day - *data.last_day) : 0;
  if (missing > std::max(kQuietDays, kQuietShare * data.holdout_days)) {
    result.verdict = BeyondRecords(missing, std::move(result.verdict));
  }
  return result;
}

}  // namespace tenure::validation
