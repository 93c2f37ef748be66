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
#include "clients/cli/table.h"
#include "clients/cli/transactions_option.h"
#include "clients/cli/validation_data.h"
#include "clients/cli/validation_json.h"
#include "server/base/status.h"
#include "server/base/time.h"
#include "server/clv/model_kind.h"
#include "server/clv/value_model.h"
#include "server/validation/model_validation.h"

namespace tenure::cli {
namespace {

struct Options {
  std::string file;
  TransactionsOption transactions;
  std::string observation_end;
  std::string holdout_end;
  std::string model = "auto";
  std::string saved;
  std::string unit = "day";
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

absl::StatusOr<validation::HoldoutData> Read(const Options& options) {
  if (!FromTransactions(options)) {
    return ReadHoldoutSummary(options.file, options.unit == "week" ? 7 : 1, options.holdout_days,
                              options.weights);
  }
  TENURE_ASSIGN_OR_RETURN(const int64_t split,
                          ParseDay(options.observation_end, "--observation-end"));
  TENURE_ASSIGN_OR_RETURN(const int64_t end, ParseDay(options.holdout_end, "--holdout-end"));
  if (end <= split) {
    return absl::InvalidArgumentError("--holdout-end must be after --observation-end");
  }
  TENURE_ASSIGN_OR_RETURN(const TransactionsFormat format, options.transactions.Format());
  return ReadHoldoutTransactions(options.file, format, split, end);
}

absl::StatusOr<std::shared_ptr<const clv::ValueModel>> FindModel(
    const Options& options, const validation::HoldoutData& data, validation::ModelOrigin* origin) {
  if (!options.saved.empty()) {
    std::string json;
    TENURE_RETURN_IF_ERROR(ReadFile(options.saved, &json));
    absl::StatusOr<std::shared_ptr<const clv::ValueModel>> saved = clv::ValueModel::FromJson(json);
    if (!saved.ok()) return Annotate(saved.status(), options.saved);
    origin->text = absl::StrCat("as saved in ", options.saved,
                                ": if the data it was fitted to reach into the holdout, these "
                                "figures flatter it");
    if ((*saved)->parameters().fallback) origin->fallback = (*saved)->parameters().verdict;
    return saved;
  }
  clv::ValueOptions value;
  value.time_unit_days = 7;
  value.model = options.model;
  // Without the holdout, which the automatic choice would go by.
  TENURE_ASSIGN_OR_RETURN(clv::FittedValue fitted,
                          clv::FitValueModel(data.observations, value, {}, 0, {}, data.weights));
  *origin = validation::OriginOf(fitted, data);
  return fitted.model;
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
  TENURE_ASSIGN_OR_RETURN(const validation::HoldoutData data, Read(options));
  validation::ModelOrigin origin;
  TENURE_ASSIGN_OR_RETURN(const std::shared_ptr<const clv::ValueModel> model,
                          FindModel(options, data, &origin));
  TENURE_ASSIGN_OR_RETURN(const validation::ModelValidation validated,
                          validation::ValidateModel(*model, data, std::move(origin)));
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

std::vector<std::string> Choices() {
  std::vector<std::string> choices = clv::ModelNames();
  choices.insert(choices.begin(), "auto");
  return choices;
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
  command.AddOption("--unit", options->unit, "of a summary: unit of recency and T")
      .OneOf({"day", "week"})
      .ShowDefault();
  command.AddOption("--model", options->model, "what to fit; auto tries all and chooses")
      .OneOf(Choices())
      .ShowDefault();
  command.AddOption("--saved", options->saved,
                    "a model as `tenure fit --save` wrote it, not a fit");
  command.AddOption("--out", options->out, "file for the report, HTML");
}

}  // namespace tenure::cli
