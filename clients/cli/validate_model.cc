#include "clients/cli/validate_model.h"

#include <cmath>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/cli/table.h"
#include "clients/cli/validation_data.h"
#include "clients/cli/validation_json.h"
#include "server/base/digest.h"
#include "server/base/status.h"
#include "server/base/time.h"
#include "server/clv/value_model.h"
#include "server/validation/forecast.h"
#include "server/validation/holdout.h"
#include "server/validation/report.h"
#include "server/validation/tracking.h"
#include "server/validation/verdict.h"

namespace tenure::cli {
namespace {

struct Options {
  std::string file;
  TransactionColumns columns;
  std::string observation_end;
  std::string holdout_end;
  std::string model = "auto";
  std::string saved;
  std::string unit = "day";
  std::string out;
  double holdout_days = 0;
};

// From transactions, or from a summary. What doesn't go together is wrong usage.
bool FromTransactions(const Options& options) {
  const bool columns = !options.columns.customer.empty() && !options.columns.date.empty();
  if (columns && !options.observation_end.empty() && !options.holdout_end.empty()) {
    if (options.holdout_days > 0) RefuseUsage("--holdout-days goes with a summary");
    return true;
  }
  if (options.columns.customer.empty() && options.columns.date.empty() &&
      options.columns.amount.empty() && options.observation_end.empty() &&
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

absl::StatusOr<ValidationData> Read(const Options& options) {
  if (!FromTransactions(options)) {
    return ReadHoldoutSummary(options.file, options.unit == "week" ? 7 : 1, options.holdout_days);
  }
  TENURE_ASSIGN_OR_RETURN(const int64_t split,
                          ParseDay(options.observation_end, "--observation-end"));
  TENURE_ASSIGN_OR_RETURN(const int64_t end, ParseDay(options.holdout_end, "--holdout-end"));
  if (end <= split) {
    return absl::InvalidArgumentError("--holdout-end must be after --observation-end");
  }
  return ReadTransactions(options.file, options.columns, split, end);
}

absl::StatusOr<std::shared_ptr<const clv::ValueModel>> FindModel(const Options& options,
                                                                 const ValidationData& data,
                                                                 validation::ReportFacts* facts) {
  if (!options.saved.empty()) {
    std::string json;
    TENURE_RETURN_IF_ERROR(ReadFile(options.saved, &json));
    absl::StatusOr<std::shared_ptr<const clv::ValueModel>> saved = clv::ValueModel::FromJson(json);
    if (!saved.ok()) return Annotate(saved.status(), options.saved);
    facts->model_origin = absl::StrCat("as saved in ", options.saved,
                                       ": if the data it was fitted to reach into the holdout, "
                                       "these figures flatter it");
    if ((*saved)->parameters().fallback) facts->fallback = (*saved)->parameters().verdict;
    return saved;
  }
  clv::ValueOptions value;
  value.time_unit_days = 7;
  value.model = options.model;
  TENURE_ASSIGN_OR_RETURN(clv::FittedValue fitted, clv::FitValueModel(data.observations, value));
  facts->model_origin =
      absl::StrCat("fitted to the data before the split, chosen because: ", fitted.report.why);
  facts->fallback = fitted.report.fallback;
  return fitted.model;
}

void Describe(const clv::ValueModel& model, const ValidationData& data,
              validation::ReportFacts* facts) {
  facts->model = model.parameters().model;
  facts->version = Sha256Hex(model.ToJson());
  facts->fit_verdict = model.parameters().verdict;
  facts->spend_verdict = model.parameters().spend_verdict;
  facts->basis = "revenue, undiscounted";
  facts->time_unit_days = model.options().time_unit_days;
  facts->parameters = validation::EstimatesOf(model);
  facts->data = data.facts;
  if (!data.has_days) {
    facts->no_tracking =
        "A summary doesn't say when purchases came, so there is no tracking over time: validate "
        "from transactions for that.";
  }
}

// "-" for what is not defined.
std::string Show(const absl::FormatSpec<double>& format, double value) {
  return std::isfinite(value) ? absl::StrFormat(format, value) : "-";
}

void Print(const validation::ReportFacts& facts, const validation::Validation& validation,
           const validation::Verdict& verdict) {
  std::cout << validation::GradeName(verdict.grade) << ": " << verdict.summary
            << "\nfirst: " << verdict.first_step << "\n"
            << facts.model << ", " << facts.model_origin << "\n";
  Table table({"", "expected", "actual", "bias", "MAE", "RMSE", "Spearman", "Gini gain", "top 10 %",
               "top 20 %"});
  const auto add = [&](const char* name, const validation::Agreement& agreement) {
    table.Add({name, Show("%.3f", agreement.expected), Show("%.2f", agreement.actual),
               Show("%.1f %%", 100 * agreement.bias), Show("%.4f", agreement.mean_absolute_error),
               Show("%.4f", agreement.root_mean_square_error), Show("%.3f", agreement.spearman),
               Show("%.3f", agreement.gini_gain), Show("%.1f %%", 100 * agreement.top_tenth),
               Show("%.1f %%", 100 * agreement.top_fifth)});
  };
  add("purchases", validation.purchases);
  if (validation.has_value) add("spend", validation.value);
  table.Print();
  for (const validation::Finding& finding : verdict.findings) {
    std::cout << validation::GradeName(finding.grade) << " " << finding.code << ": " << finding.what
              << (finding.remedy.empty() ? "" : " ") << finding.remedy << "\n";
  }
  if (!facts.no_tracking.empty()) std::cout << facts.no_tracking << "\n";
}

absl::Status Run(const Options& options, bool json) {
  TENURE_ASSIGN_OR_RETURN(const ValidationData data, Read(options));
  validation::ReportFacts facts;
  TENURE_ASSIGN_OR_RETURN(const std::shared_ptr<const clv::ValueModel> model,
                          FindModel(options, data, &facts));
  Describe(*model, data, &facts);
  TENURE_ASSIGN_OR_RETURN(const validation::Forecast forecast,
                          validation::Forecast::Create(*model, data.holdout_days));
  TENURE_ASSIGN_OR_RETURN(const std::vector<validation::Expectation> expected,
                          forecast.Of(data.observations));
  const bool has_value = !data.actual_spend.empty() && forecast.has_spend();
  std::vector<validation::HoldoutRow> rows;
  rows.reserve(expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    rows.push_back({data.observations[i].frequency, expected[i].purchases, data.actual_purchases[i],
                    has_value ? expected[i].value : 0, has_value ? data.actual_spend[i] : 0});
  }
  TENURE_ASSIGN_OR_RETURN(const validation::Validation result,
                          validation::Validate(rows, has_value, data.holdout_days));
  std::optional<validation::Tracking> tracking;
  if (data.has_days) {
    TENURE_ASSIGN_OR_RETURN(
        tracking,
        validation::Track({data.first_days, data.repeat_days, data.split_day, data.end_day},
                          [&](double days) { return forecast.PurchasesOfNew(days); }));
  }
  const validation::Tracking* const tracked = tracking.has_value() ? &*tracking : nullptr;
  const validation::Verdict verdict = validation::Judge(result, tracked, facts.model);
  if (!options.out.empty()) {
    TENURE_RETURN_IF_ERROR(
        WriteFile(options.out, validation::RenderReport(facts, result, tracked, verdict)));
  }
  if (json) {
    PrintJson(ValidationJson(facts, result, tracked, verdict));
  } else {
    Print(facts, result, verdict);
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
  command.AddOption("--customer", options->columns.customer, "column of the customer");
  command.AddOption("--date", options->columns.date, "column of the date, 2018-01-03 or RFC 3339");
  command.AddOption("--amount", options->columns.amount, "column of the amount spent");
  command.AddOption("--observation-end", options->observation_end,
                    "last day that the model sees; what follows is held out");
  command.AddOption("--holdout-end", options->holdout_end, "last day that is held out");
  command
      .AddOption("--holdout-days", options->holdout_days,
                 "of a summary: days that holdout_frequency covers")
      .NumberIn(1, kMostDays);
  command.AddOption("--unit", options->unit, "of a summary: unit of recency and T")
      .OneOf({"day", "week"})
      .ShowDefault();
  command.AddOption("--model", options->model, "what to fit; auto tries all and chooses")
      .OneOf({"auto", "nbd", "bg_nbd", "mbg_nbd"})
      .ShowDefault();
  command.AddOption("--saved", options->saved,
                    "a model as `tenure fit --save` wrote it, not a fit");
  command.AddOption("--out", options->out, "file for the report, HTML");
}

}  // namespace tenure::cli
