#include "clients/cli/validate_model.h"

#include <cmath>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "clients/cli/asked_value.h"
#include "clients/cli/counted_rows.h"
#include "clients/cli/fittable_model.h"
#include "clients/cli/model_option.h"
#include "clients/cli/saved_models.h"
#include "clients/cli/scoring_models.h"
#include "clients/cli/summary_report.h"
#include "clients/cli/table.h"
#include "clients/cli/time_unit.h"
#include "clients/cli/transactions_option.h"
#include "clients/cli/validation_data.h"
#include "clients/cli/validation_json.h"
#include "server/base/status.h"
#include "server/base/time.h"
#include "server/clv/renewals.h"
#include "server/clv/value_model.h"
#include "server/validation/model_validation.h"

namespace tenure::cli {
namespace {

struct Options {
  std::string file;
  TransactionsOption transactions;
  std::string observation_end;
  std::string holdout_end;
  std::string model;
  std::string saved;
  std::string unit;
  std::string out;
  double holdout_days = 0;
  std::string weights;
};

// From transactions, or from a summary. What doesn't go together is wrong usage.
bool FromTransactions(const Options& options) {
  const bool columns =
      !options.transactions.columns.customer.empty() && !options.transactions.columns.date.empty();
  if (columns && !options.observation_end.empty() && !options.holdout_end.empty()) {
    if (options.holdout_days > 0) RefuseUsage("--holdout-days goes with a summary");
    if (!options.weights.empty()) RefuseUsage("--weights goes with a summary");
    return true;
  }
  if (options.transactions.columns.customer.empty() && options.transactions.columns.date.empty() &&
      options.transactions.columns.amount.empty() && options.observation_end.empty() &&
      options.holdout_end.empty() && options.holdout_days > 0) {
    return false;
  }
  RefuseUsage(
      "give --customer, --date, --observation-end and --holdout-end for a file of transactions, or "
      "--holdout-days for a summary with holdout_frequency");
}

absl::StatusOr<int64_t> ParseDay(const std::string& text, const char* option) {
  const absl::StatusOr<int64_t> instant = ParseInstant(text);
  if (!instant.ok()) return Annotate(instant.status(), option);
  return DayOf(*instant);
}

absl::StatusOr<validation::HoldoutData> ReadTransactions(const Options& options) {
  TENURE_ASSIGN_OR_RETURN(const int64_t split,
                          ParseDay(options.observation_end, "--observation-end"));
  TENURE_ASSIGN_OR_RETURN(const int64_t end, ParseDay(options.holdout_end, "--holdout-end"));
  if (end <= split) {
    return absl::InvalidArgumentError("--holdout-end must be after --observation-end");
  }
  TENURE_ASSIGN_OR_RETURN(const TransactionsFormat format, options.transactions.Format());
  TENURE_ASSIGN_OR_RETURN(validation::HoldoutData data,
                          ReadHoldoutTransactions(options.file, format, split, end));
  if (data.last_day < end) {
    std::cerr << EndsBefore(static_cast<int32_t>(*data.last_day), static_cast<int32_t>(end));
  }
  return data;
}

// Customers of a file of transactions have neither occasions nor columns.
absl::Status CheckGoesWithTransactions(absl::string_view model, bool by_row) {
  if (by_row) {
    return absl::InvalidArgumentError(
        "the model has populations or covariates, which are columns of customers: validate it from "
        "a summary with them (`tenure summarize --carry`) and --holdout-days");
  }
  if (!CountsOccasions(model)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(model,
                   " counts occasions, which transactions are not: validate it from a "
                   "summary of them, in its unit, and --holdout-days"));
}

absl::StatusOr<validation::ModelValidation> ValidateSaved(const Options& options) {
  ModelOption option;
  option.files = {options.saved, options.file};
  option.unit = options.unit;
  TENURE_ASSIGN_OR_RETURN(const ScoringModels models, ScoringModels::Load(option, AskedValue()));
  SavedModels saved(models);
  validation::HoldoutData data;
  std::vector<validation::PartModel> parts;
  std::vector<size_t> part_of;
  if (FromTransactions(options)) {
    if (!options.unit.empty()) RefuseUsage("--unit goes with a summary, or with a fit");
    TENURE_RETURN_IF_ERROR(CheckGoesWithTransactions(
        saved.by_row() ? "" : saved.Usual().model->model(), saved.by_row()));
    TENURE_ASSIGN_OR_RETURN(data, ReadTransactions(options));
    parts = {saved.Usual()};
    part_of.resize(data.observations.size());
  } else {
    TENURE_ASSIGN_OR_RETURN(
        data, ReadHoldoutSummary(options.file, models.file_unit_days(), options.holdout_days,
                                 options.weights, models.covariates(),
                                 [&saved](const SummaryFile& file, const SummaryFields& row,
                                          absl::Span<const absl::string_view> text) {
                                   return saved.Add(file, row, text);
                                 }));
    parts = saved.parts();
    part_of = saved.part_of();
  }
  validation::ModelOrigin origin;
  origin.text = absl::StrCat("as saved in ", options.saved,
                             ": if the data it was fitted to reach into the holdout, these "
                             "figures flatter it");
  for (const validation::PartModel& part : parts) {
    const clv::ValueParameters& parameters = part.model->parameters();
    if (parameters.fallback) origin.fallback = parameters.verdict;
  }
  if (models.by_covariates() != nullptr) {
    origin.version = models.by_covariates()->Version();
  } else if (models.by_population()) {
    origin.version = models.usual().model->Version();  // the pooled one's
  }
  return validation::ValidateModels(parts, part_of, std::move(data), std::move(origin));
}

absl::StatusOr<validation::ModelValidation> ValidateFit(const Options& options) {
  clv::ValueOptions value;
  value.model = options.model.empty() ? "auto" : options.model;
  validation::HoldoutData data;
  if (FromTransactions(options)) {
    value.time_unit_days = UnitDays(options.unit.empty() ? "week" : options.unit);
    TENURE_RETURN_IF_ERROR(CheckGoesWithTransactions(value.model, false));
    TENURE_ASSIGN_OR_RETURN(data, ReadTransactions(options));
  } else {
    value.time_unit_days = UnitDays(options.unit);
    TENURE_ASSIGN_OR_RETURN(
        data, ReadHoldoutSummary(options.file, value.time_unit_days, options.holdout_days,
                                 options.weights, {},
                                 [&value](const SummaryFile& file, const SummaryFields& row,
                                          absl::Span<const absl::string_view>) {
                                   return CheckCounts(file, row, value.model);
                                 }));
  }
  // Without the holdout, which the automatic choice would go by.
  std::vector<clv::Observation> renewals;
  absl::Span<const clv::Observation> rows = data.observations;
  if (clv::IsContract(value.model)) {
    renewals = clv::RowsFor(value.model, value.time_unit_days, data.observations);
    rows = renewals;
  }
  TENURE_ASSIGN_OR_RETURN(const clv::FittedValue fitted,
                          clv::FitValueModel(rows, value, {}, 0, {}, data.weights));
  validation::ModelOrigin origin = validation::OriginOf(fitted, data);
  return validation::ValidateModel(*fitted.model, std::move(data), std::move(origin));
}

// "-" for what is not defined.
std::string Show(const absl::FormatSpec<double>& format, double value) {
  return std::isfinite(value) ? absl::StrFormat(format, value) : "-";
}

void Print(const validation::ModelValidation& validated) {
  const validation::ReportFacts& facts = validated.facts;
  const validation::Validation& figures = validated.figures;
  std::cout << validation::GradeName(validated.verdict.grade) << ": " << validated.verdict.summary
            << "\nfirst: " << validated.verdict.first_step << "\n"
            << facts.model << " " << facts.version.substr(0, 12) << ", " << facts.model_origin
            << "\n";
  Table table({"", "expected", "actual", "bias", "MAE", "RMSE", "Spearman", "Gini gain", "top 10 %",
               "top 20 %"});
  const auto add = [&](const char* name, const validation::Agreement& agreement) {
    table.Add({name, Show("%.3f", agreement.expected), Show("%.2f", agreement.actual),
               Show("%.1f %%", 100 * agreement.bias), Show("%.4f", agreement.mean_absolute_error),
               Show("%.4f", agreement.root_mean_square_error), Show("%.3f", agreement.spearman),
               Show("%.3f", agreement.gini_gain), Show("%.1f %%", 100 * agreement.top_tenth),
               Show("%.1f %%", 100 * agreement.top_fifth)});
  };
  add("purchases", figures.purchases);
  if (figures.has_value) add("spend", figures.value);
  table.Print();
  if (validated.spend_total.has_value()) {
    const clv::TotalValue& total = *validated.spend_total;
    std::cout << absl::StrFormat(
        "spend is %s; expected in all, 95 %%: mean %.2f to %.2f, outcome %.2f to %.2f\n",
        facts.basis, total.clv_mean_low, total.clv_mean_high, total.clv_predictive_low,
        total.clv_predictive_high);
  }
  for (const validation::Finding& finding : validated.verdict.findings) {
    std::cout << validation::GradeName(finding.grade) << " " << finding.code << ": " << finding.what
              << (finding.remedy.empty() ? "" : " ") << finding.remedy << "\n";
  }
  if (!facts.no_tracking.empty()) std::cout << facts.no_tracking << "\n";
}

absl::Status Run(const Options& options, bool json) {
  options.transactions.Check();
  if (!options.saved.empty() && !options.model.empty()) {
    RefuseUsage("--model is what to fit: it doesn't go with --saved");
  }
  if (!options.model.empty()) CheckFittable(options.model, ", or auto to choose");
  TENURE_ASSIGN_OR_RETURN(const validation::ModelValidation validated,
                          options.saved.empty() ? ValidateFit(options) : ValidateSaved(options));
  if (!options.out.empty()) {
    TENURE_RETURN_IF_ERROR(WriteFile(options.out, validated.ToHtml()));
  }
  if (json) {
    PrintJson(ToJson(validated));
  } else {
    Print(validated);
  }
  return absl::OkStatus();
}

}  // namespace

void AddValidateModel(const Command& app, Session* session) {
  auto options = std::make_shared<Options>();
  const Command command = app.Add(
      session, "validate-model",
      "Holds a model against what came after the data it was fitted to, and says what to do. Takes "
      "transactions and a split, or a summary with holdout_frequency (and holdout_spend).",
      [session, options] { return Run(*options, session->json); });
  command.AddOption("file", options->file, "CSV of transactions or a summary").Required();
  options->transactions.AddTo(command);
  command.AddOption("--observation-end", options->observation_end,
                    "last day that the model sees; what follows is held out");
  command.AddOption("--holdout-end", options->holdout_end, "last day that is held out");
  command
      .AddOption("--holdout-days", options->holdout_days,
                 "of a summary: days that holdout_frequency covers")
      .NumberIn(1, kMostDays);
  command.AddOption(
      "--weights", options->weights,
      "of a summary: column of case weights, customers alike in a row; `weights` where "
      "there is one");
  command
      .AddOption("--unit", options->unit,
                 "unit of recency and T in a summary and of the fit; if not given the saved "
                 "model's, else day in a summary and week from transactions")
      .OneOf(TimeUnits());
  command.AddOption("--model", options->model,
                    absl::StrCat("what to fit: auto, which is the default, tries all and chooses; ",
                                 absl::StrJoin(FittableModels(), ", "),
                                 "; a number instead of k, 2 to 12, fixes it"));
  command.AddOption("--saved", options->saved,
                    "a model as `tenure fit --save` wrote it, not a fit; of --by and of covariates "
                    "with a summary that has the columns");
  command.AddOption("--out", options->out, "file for the report, HTML");
}

}  // namespace tenure::cli
