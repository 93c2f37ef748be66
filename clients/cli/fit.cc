#include "clients/cli/fit.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "clients/cli/counted_rows.h"
#include "clients/cli/csv.h"
#include "clients/cli/discount_option.h"
#include "clients/cli/fit_populations.h"
#include "clients/cli/fit_retention.h"
#include "clients/cli/fittable_model.h"
#include "clients/cli/model_fit.h"
#include "clients/cli/prior_option.h"
#include "clients/cli/summary_file.h"
#include "clients/cli/time_unit.h"
#include "server/base/clock.h"
#include "server/base/status.h"
#include "server/clv/covariate_model.h"
#include "server/clv/gamma_gamma.h"
#include "server/clv/map_value.h"
#include "server/clv/model_kind.h"
#include "server/clv/purchase_fit.h"
#include "server/clv/value_model.h"

namespace tenure::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::string file;
  std::string model = "auto";
  std::string weights;
  std::string save;
  std::string unit = "day";
  double horizon_days = 364;
  std::string discount = "0.1";
  std::string by;
  std::vector<std::string> model_of;
  double window_days = 28;
  double margin_rate = 1;
  double holdout_days = 0;
  double periods = 5;
  std::string prior;
  std::vector<std::string> covariates;
  std::vector<std::string> rate_covariates;
  std::vector<std::string> dropout_covariates;
};

constexpr size_t kMostCovariateValues = 20'000'000;

bool IsRetention(const std::string& model) { return model == "sbg" || model == "bdw"; }

// The covariates asked for, each column once.
clv::CovariatePlan PlanOf(const Options& options) {
  clv::CovariatePlan plan;
  const auto add = [&plan](const std::vector<std::string>& columns, std::vector<size_t>* indices) {
    for (const std::string& column : columns) {
      const auto found = std::find(plan.names.begin(), plan.names.end(), column);
      const auto index = static_cast<size_t>(found - plan.names.begin());
      if (found == plan.names.end()) plan.names.push_back(column);
      if (std::find(indices->begin(), indices->end(), index) == indices->end()) {
        indices->push_back(index);
      }
    }
  };
  for (const std::vector<std::string>* both : {&options.covariates, &options.rate_covariates}) {
    add(*both, &plan.rate);
  }
  for (const std::vector<std::string>* both : {&options.covariates, &options.dropout_covariates}) {
    add(*both, &plan.dropout);
  }
  return plan;
}

// A prior that doesn't go with the rest is wrong usage.
void CheckPrior(const Options& options, const clv::CovariatePlan& plan) {
  if (options.prior.empty()) return;
  const clv::PriorRequest request = ParsePrior(options.prior);
  if (!request.coefficients.empty() && plan.names.empty()) {
    RefuseUsage(absl::StrCat("--prior: ", request.coefficients.front().coefficient,
                             " is a coefficient; name its column by --covariates"));
  }
  if (options.model == "auto" && !request.terms.empty()) {
    RefuseUsage("--prior of single parameters goes with one named --model; write --prior weak");
  }
  for (const clv::PriorTerm& term : request.terms) {
    const bool of_spend = term.parameter == "p" || term.parameter == "q" || term.parameter == "v";
    if (options.model == "gamma_gamma" && !of_spend) {
      RefuseUsage(absl::StrCat("--prior: gamma_gamma has p, q and v, not ", term.parameter));
    }
    if (IsRetention(options.model) && options.by.empty() && of_spend) {
      RefuseUsage(absl::StrCat("--prior: cohorts have no spend, so no ", term.parameter));
    }
  }
}

// What was read, as the fit that it is for takes it: ten million rows are kept once.
struct Loaded {
  std::vector<clv::PurchaseRow> purchases;     // of one model of purchases
  std::vector<clv::SpendRow> spends;           // of gamma_gamma
  std::vector<clv::Observation> observations;  // of a value model
  std::vector<double> holdout;                 // as many as observations, or none
  std::vector<double> weights;                 // likewise
  std::vector<double> covariates;              // row by row
  bool has_spend = false;                      // whether the file has a monetary_value
};

// Whether one model is fitted, nothing saved and nothing held against it.
bool IsOne(const Options& options) {
  return options.model != "auto" && options.save.empty() && options.holdout_days == 0;
}

void Add(const Options& options, const SummaryFile& file, const SummaryFields& row,
         Loaded* loaded) {
  if (!IsOne(options)) {
    const double unit = UnitDays(options.unit);
    loaded->observations.push_back({row.frequency, row.recency * unit, row.age * unit,
                                    row.mean_spend, row.kept,
                                    row.log_intervals + row.frequency * std::log(unit)});
    if (options.holdout_days > 0) loaded->holdout.push_back(row.holdout);
    if (file.has_weights()) loaded->weights.push_back(row.weight);
  } else if (options.model == "gamma_gamma") {
    if (row.frequency > 0) loaded->spends.push_back({row.frequency, row.mean_spend, row.weight});
  } else {
    loaded->purchases.push_back(
        {row.frequency, row.recency, row.age, row.weight, row.log_intervals});
  }
}

absl::Status Load(const Options& options, const clv::CovariatePlan& plan, Loaded* loaded) {
  TENURE_ASSIGN_OR_RETURN(
      const std::unique_ptr<SummaryFile> file,
      SummaryFile::Open(options.file, SummaryColumns{options.weights, plan.names}));
  if (options.model == "gamma_gamma" && !file->has_spend()) {
    return file->reader().Column("monetary_value").status();
  }
  if (options.holdout_days > 0 && !file->has_holdout()) {
    return file->reader().Column("holdout_frequency").status();
  }
  loaded->has_spend = file->has_spend();
  SummaryFields row;
  std::vector<absl::string_view> text;
  bool is_empty = true;
  while (true) {
    TENURE_ASSIGN_OR_RETURN(const bool found, file->Next(&row, &text));
    if (!found) break;
    is_empty = false;
    if (options.model == "gamma_gamma" && row.frequency > 0 && !(row.mean_spend > 0)) {
      TENURE_ASSIGN_OR_RETURN(const size_t column, file->reader().Column("monetary_value"));
      return absl::InvalidArgumentError(
          absl::StrCat(file->reader().Where(column),
                       ": the mean spend must be above 0; leave out refunds and free orders"));
    }
    TENURE_RETURN_IF_ERROR(CheckCounts(*file, row, options.model));
    Add(options, *file, row, loaded);
    const absl::Span<const double> z = file->covariates();
    loaded->covariates.insert(loaded->covariates.end(), z.begin(), z.end());
    if (loaded->covariates.size() > kMostCovariateValues) {
      return absl::InvalidArgumentError(
          absl::StrCat(file->reader().Where(file->frequency_column()),
                       ": more than 20,000,000 values of covariates, rows by columns, are more "
                       "than memory is made for; name fewer columns, or fit to a sample of the "
                       "rows"));
    }
  }
  if (!is_empty) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(options.file, " has no rows below its header"));
}

absl::StatusOr<clv::ModelFit> FitCovariates(const Options& options, const clv::CovariatePlan& plan,
                                            const Loaded& loaded,
                                            std::vector<clv::ModelPrior>* priors) {
  TENURE_ASSIGN_OR_RETURN(const clv::ModelKind kind, clv::FindModelKind(options.model));
  if (options.prior.empty()) {
    return clv::FitWithCovariates(kind, plan, loaded.purchases, loaded.covariates);
  }
  const clv::PriorRequest request = ParsePrior(options.prior);
  TENURE_RETURN_IF_ERROR(request.Check(kind, plan.CoefficientNames(kind)));
  TENURE_ASSIGN_OR_RETURN(const clv::Summary summary, clv::Summary::Create(loaded.purchases));
  priors->push_back(
      {kind.name, request.TermsOf(kind, summary.scale()), clv::kWeakLogSd, request.coefficients});
  const clv::CovariatePrior prior{clv::PriorOf(priors->back().terms), clv::kWeakLogSd,
                                  request.coefficients};
  return clv::FitWithCovariates(kind, plan, loaded.purchases, loaded.covariates, &prior);
}

// One model of purchases, weights counted. Adds the prior it was fitted under.
absl::StatusOr<clv::ModelFit> FitPurchases(const Options& options, const clv::CovariatePlan& plan,
                                           Loaded loaded, std::vector<clv::ModelPrior>* priors) {
  if (!plan.names.empty()) {
    return FitCovariates(options, plan, loaded, priors);
  }
  TENURE_ASSIGN_OR_RETURN(const clv::Summary summary,
                          clv::Summary::Take(std::move(loaded.purchases)));
  clv::FitOptions fit_options;
  if (!options.prior.empty()) {
    const clv::PriorRequest request = ParsePrior(options.prior);
    TENURE_ASSIGN_OR_RETURN(const clv::ModelKind kind, clv::KindOf(options.model));
    TENURE_RETURN_IF_ERROR(request.Check(kind));
    priors->push_back({"", request.TermsOf(kind, summary.scale())});
    fit_options.prior = clv::PriorOf(priors->back().terms);
  }
  TENURE_ASSIGN_OR_RETURN(clv::ModelFit fit, clv::FitByName(options.model, summary, fit_options));
  if (!priors->empty()) priors->back().model = fit.model;
  return fit;
}

// One model of spend, weights counted, as above.
absl::StatusOr<clv::ModelFit> FitSpend(const Options& options, absl::Span<const clv::SpendRow> rows,
                                       std::vector<clv::ModelPrior>* priors) {
  if (options.prior.empty()) return clv::FitGammaGamma(rows);
  double spend = 0, weight = 0;
  for (const clv::SpendRow& row : rows) {
    spend += row.weight * row.mean_spend;
    weight += row.weight;
  }
  const std::vector<clv::PriorTerm> terms = ParsePrior(options.prior).SpendTerms(spend / weight);
  priors->push_back({"gamma_gamma", terms});
  const clv::Prior prior = clv::PriorOf(terms);
  return clv::FitGammaGamma(rows, &prior);
}

absl::Status FitOne(const Options& options, const clv::CovariatePlan& plan, Loaded loaded,
                    bool json) {
  clv::ModelFit fit;
  const int64_t start_us = MonotonicUs();
  double correlation = 0;
  std::vector<clv::ModelPrior> priors;
  const bool leaves_spend = loaded.has_spend && options.model != "gamma_gamma";
  if (options.model == "gamma_gamma") {
    TENURE_ASSIGN_OR_RETURN(fit, FitSpend(options, loaded.spends, &priors));
    correlation = clv::FrequencySpendCorrelation(loaded.spends);
  } else {
    TENURE_ASSIGN_OR_RETURN(fit, FitPurchases(options, plan, std::move(loaded), &priors));
  }
  fit.seconds = static_cast<double>(MonotonicUs() - start_us) * 1e-6;
  if (json) {
    Json document = ModelFitJson(fit);
    if (options.model == "gamma_gamma") document["frequency_spend_correlation"] = correlation;
    AddPriors(priors, &document);
    if (leaves_spend) document["spend"] = nullptr;
    PrintJson(document);
  } else {
    PrintModelFit(fit);
    PrintPriors(priors);
    if (leaves_spend) {
      std::cout << "spend        not fitted: --save FILE fits it too, --model gamma_gamma alone\n";
    }
    if (options.model == "gamma_gamma") {
      std::cout << absl::StrFormat("  correlation of frequency and spend %.4f (assumed 0)\n",
                                   correlation);
    }
  }
  if (fit.verdict != clv::Verdict::kFailed) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(fit.model, " ", fit.VerdictText()));
}

clv::ValueOptions ValueOptionsOf(const Options& options) {
  clv::ValueOptions value;
  value.time_unit_days = UnitDays(options.unit);
  value.horizon_days = options.horizon_days;
  value.discount_per_year = AnnualDiscount(options.discount);
  value.response_window_days = options.window_days;
  value.margin_rate = options.margin_rate;
  value.model = options.model;
  return value;
}

// A model for each value of a column.
absl::Status FitBy(const Options& options, const clv::CovariatePlan& plan, bool json) {
  if (options.holdout_days > 0 || !plan.names.empty()) {
    RefuseUsage("--by goes without --holdout-days and covariates");
  }
  if (options.model == "gamma_gamma") {
    RefuseUsage(
        "--by needs a purchase model; spend is fitted with it where there is a "
        "monetary_value");
  }
  return FitPopulationsFile({options.file, options.by, options.model_of, options.save,
                             ValueOptionsOf(options), options.prior, options.weights},
                            json);
}

// What a ValueModel needs, saved if asked.
absl::Status FitValue(const Options& options, const clv::CovariatePlan& plan, const Loaded& loaded,
                      bool json) {
  const clv::ValueOptions value = ValueOptionsOf(options);
  const std::vector<clv::Observation>& observations = loaded.observations;
  const int64_t start_us = MonotonicUs();
  std::string saved;
  clv::ValueParameters used;
  clv::FitReport report;
  std::vector<clv::ModelPrior> priors;
  if (!plan.names.empty()) {
    std::optional<clv::PriorRequest> prior;
    if (!options.prior.empty()) prior = ParsePrior(options.prior);
    TENURE_ASSIGN_OR_RETURN(
        clv::FittedCovariates fitted,
        clv::FitCovariateModel(observations, loaded.covariates, plan, value,
                               prior.has_value() ? &*prior : nullptr, loaded.weights));
    report = std::move(fitted.report);
    priors = std::move(fitted.priors);
    saved = fitted.model->ToJson();
    used = fitted.model->baseline().parameters();
  } else if (!options.prior.empty()) {
    TENURE_ASSIGN_OR_RETURN(
        clv::MapValue fitted,
        clv::FitValueModelByMap(observations, value, ParsePrior(options.prior), loaded.holdout,
                                options.holdout_days, loaded.weights));
    report = std::move(fitted.value.report);
    priors = std::move(fitted.priors);
    saved = fitted.value.model->ToJson();
    used = fitted.value.model->parameters();
  } else {
    TENURE_ASSIGN_OR_RETURN(clv::FittedValue fitted,
                            clv::FitValueModel(observations, value, loaded.holdout,
                                               options.holdout_days, {}, loaded.weights));
    report = std::move(fitted.report);
    saved = fitted.model->ToJson();
    used = fitted.model->parameters();
  }
  const double seconds = static_cast<double>(MonotonicUs() - start_us) * 1e-6;
  if (!options.save.empty()) TENURE_RETURN_IF_ERROR(WriteFile(options.save, saved + "\n"));
  if (json) {
    Json document = FitReportJson(report, used, seconds);
    AddPriors(priors, &document);
    PrintJson(document);
  } else {
    PrintFitReport(report, used, seconds);
    PrintPriors(priors);
  }
  return absl::OkStatus();
}

// Whether a file, not standard input, has rows of customers rather than of cohorts.
bool HasHistories(const std::string& path) {
  if (path == "-") return false;
  const auto reader = CsvReader::Open(path);
  return reader.ok() && (*reader)->Column("frequency").ok() && !(*reader)->Column("survivors").ok();
}

absl::Status Run(const Options& options, bool json) {
  if (options.model != "gamma_gamma") {
    CheckFittable(options.model, ", auto to choose, or gamma_gamma for spend");
  }
  const clv::CovariatePlan plan = PlanOf(options);
  CheckPrior(options, plan);
  const double discount = AnnualDiscount(options.discount);
  if (!options.by.empty()) return FitBy(options, plan, json);
  if (!options.model_of.empty()) RefuseUsage("--model-of goes with --by");
  const bool counts_renewals = IsRetention(options.model) && HasHistories(options.file);
  if (counts_renewals && (!plan.names.empty() || options.holdout_days > 0)) {
    RefuseUsage(absl::StrCat(options.model, " goes without --holdout-days and covariates"));
  }
  if (IsRetention(options.model) && !counts_renewals) {
    if (NamesUnit(options.discount)) {
      RefuseUsage(absl::StrCat("--discount: ", options.model,
                               " counts periods: give the rate a period, as 0.1 or 10%"));
    }
    if (!options.save.empty() || !options.weights.empty() || !plan.names.empty() ||
        options.holdout_days > 0) {
      RefuseUsage(
          absl::StrCat(options.model,
                       " of cohorts goes without --save, --weights, --holdout-days and "
                       "covariates; they go with rows of contracts: frequency and recency the "
                       "renewals so far, T the periods"));
    }
    return FitRetentionFile({options.file, options.model, options.periods, discount, options.prior},
                            json);
  }
  if (!plan.names.empty() && options.model == "auto") {
    RefuseUsage("covariates go with one named --model");
  }
  if (!plan.names.empty() && options.holdout_days > 0) {
    RefuseUsage("--holdout-days doesn't go with covariates");
  }
  if (options.model == "gamma_gamma" && (!plan.names.empty() || options.holdout_days > 0)) {
    RefuseUsage("gamma_gamma fits spend alone: covariates and --holdout-days don't go with it");
  }
  if (options.model == "gamma_gamma" && !options.save.empty()) {
    RefuseUsage(
        "--save needs a purchase model; spend is saved with it where there is a monetary_value");
  }
  Loaded loaded;
  TENURE_RETURN_IF_ERROR(Load(options, plan, &loaded));
  if (IsOne(options)) return FitOne(options, plan, std::move(loaded), json);
  return FitValue(options, plan, loaded, json);
}

}  // namespace

void AddFit(const Command& app, Session* session) {
  auto options = std::make_shared<Options>();
  const Command command =
      app.Add(session, "fit",
              "Fits a model to a summary (columns frequency, recency, T, and monetary_value "
              "for spend; weights where rows stand for several customers) by maximum likelihood. "
              "bg_bb and beta_binomial count occasions (T or periods); sbg and bdw read cohorts "
              "of contracts (columns cohort, period, survivors), or rows of contracts whose "
              "frequency and recency are the renewals so far and T the periods.",
              [session, options] { return Run(*options, session->json); });
  command.AddOption("file", options->file, "CSV as from `tenure summarize`").Required();
  command
      .AddOption("--model", options->model,
                 absl::StrCat("auto tries the purchase models and chooses; else one of ",
                              absl::StrJoin(FittableModels(), ", "),
                              ", or gamma_gamma; a number instead of k, 2 to 12, fixes it"))
      .ShowDefault();
  command
      .AddOption(
          "--covariates", options->covariates,
          "columns of numbers that move both how often customers buy and how soon they "
          "leave; may be repeated. `tenure score` and `tenure value early` read them by name. At "
          "most 20,000,000 values, rows by columns, and 1,000,000 different sets of them")
      .OneEach();
  command
      .AddOption("--rate-covariates", options->rate_covariates,
                 "columns of numbers that move how often customers buy; may be repeated")
      .OneEach();
  command
      .AddOption("--dropout-covariates", options->dropout_covariates,
                 "columns of numbers that move how soon they leave; may be repeated")
      .OneEach();
  command.AddOption("--prior", options->prior, kPriorForms);
  command.AddOption("--by", options->by,
                    "column of populations: a model for each of its values; one with fewer than "
                    "100 repeat buyers, or no converged fit, borrows from the others");
  command
      .AddOption("--model-of", options->model_of,
                 "with --by: VALUE=MODEL where a population has another, as gym=sbg (frequency and "
                 "recency are then renewals, T the periods so far); may be repeated")
      .OneEach();
  command.AddOption(
      "--weights", options->weights,
      "column of case weights, customers alike in a row; `weights` where there is one");
  command.AddOption("--save", options->save, "file for the value model, for `tenure score`");
  command
      .AddOption("--unit", options->unit,
                 "unit of recency and T in the file; a year is 365.25 days, a month a twelfth "
                 "of it, 30.4375 days")
      .OneOf(TimeUnits())
      .ShowDefault();
  command.AddOption("--horizon", options->horizon_days, "days of value, saved with the model")
      .NumberIn(1, kMostDays)
      .ShowDefault();
  command
      .AddOption("--discount", options->discount,
                 absl::StrCat(kDiscountForms, "; saved. A period for cohorts of sbg and bdw"))
      .ShowDefault();
  command.AddOption("--window", options->window_days, "days of the response window, saved")
      .NumberIn(1, kMostDays)
      .ShowDefault();
  command.AddOption("--margin-rate", options->margin_rate, "margin per revenue, saved")
      .NumberIn(0, 1)
      .ShowDefault();
  command.AddOption("--periods", options->periods, "periods to forecast, sbg and bdw")
      .NumberIn(0, 1'000)
      .ShowDefault();
  command
      .AddOption("--holdout-days", options->holdout_days,
                 "days that holdout_frequency covers: compares expected with actual")
      .NumberIn(0, kMostDays);
}

}  // namespace tenure::cli
