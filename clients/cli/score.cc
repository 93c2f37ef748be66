#include "clients/cli/score.h"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "clients/cli/asked_value.h"
#include "clients/cli/model_option.h"
#include "clients/cli/score_totals.h"
#include "clients/cli/scored_rows.h"
#include "clients/cli/scoring_models.h"
#include "clients/cli/summary_file.h"
#include "server/base/status.h"
#include "server/clv/value_model.h"

namespace tenure::cli {
namespace {

struct Options {
  ModelOption model;
  std::string output;
  std::string by;
  std::string weights;
  bool totals = false;
  AskedValue asked;
  std::string population;
};

constexpr std::array<const char*, 8> kColumns = {
    "p_alive",      "expected_purchases", "expected_spend",     "clv",
    "clv_mean_low", "clv_mean_high",      "clv_predictive_low", "clv_predictive_high"};

// The column that says whose model a row has; empty where there is one model.
std::string PopulationColumn(const Options& options, const ScoringModels& models) {
  if (!models.by_population()) return "";
  return options.population.empty() ? models.column() : options.population;
}

std::array<double, kColumns.size()> Values(const clv::ValueFeatures& f) {
  return {f.p_alive,      f.expected_purchases, f.spend_next,         f.clv,
          f.clv_mean_low, f.clv_mean_high,      f.clv_predictive_low, f.clv_predictive_high};
}

absl::Status Run(const Options& options, bool json) {
  options.model.Check();
  if (!options.by.empty() && !options.totals) RefuseUsage("--by goes with --totals");
  if (!options.weights.empty() && !options.totals) RefuseUsage("--weights goes with --totals");
  TENURE_ASSIGN_OR_RETURN(const ScoringModels models,
                          ScoringModels::Load(options.model, options.asked));
  if (!models.by_population() && !options.population.empty()) {
    RefuseUsage("--population goes with a model of `tenure fit --by`");
  }
  if (options.totals) {
    return PrintTotals(
        models,
        {options.model.file(), options.by, options.weights, PopulationColumn(options, models)},
        json);
  }
  TENURE_ASSIGN_OR_RETURN(
      const std::unique_ptr<SummaryFile> file,
      SummaryFile::Open(options.model.file(), SummaryColumns{"", models.covariates()}));
  std::optional<size_t> population;
  if (models.by_population()) {
    TENURE_ASSIGN_OR_RETURN(population, file->reader().Column(PopulationColumn(options, models)));
  }
  const double unit = models.file_unit_days();
  TENURE_ASSIGN_OR_RETURN(const std::unique_ptr<ScoredRows> out,
                          ScoredRows::Create(options.output,
                                             {file->reader().header(),
                                              {kColumns.begin(), kColumns.end()},
                                              true,
                                              population.has_value()},
                                             json));
  SummaryFields row;
  std::vector<absl::string_view> text;
  while (true) {
    TENURE_ASSIGN_OR_RETURN(const bool found, file->Next(&row, &text));
    if (!found) break;
    const clv::Observation observation{row.frequency, row.recency * unit, row.age * unit,
                                       row.mean_spend, row.kept};
    absl::StatusOr<ScoringModel> by =
        models.Of(population.has_value() ? text[*population] : "", file->covariates());
    if (!by.ok()) return Annotate(by.status(), file->reader().Where(file->frequency_column()));
    TENURE_RETURN_IF_ERROR(models.Check(*file, row, *by->model));
    clv::ValueFeatures features{};
    by->model->Compute({&observation, 1}, {&features, 1});
    out->Add(text, Values(features), {by->model->basis(), by->version, by->from});
  }
  return out->Keep();
}

}  // namespace

void AddScore(const Command& app, Session* session) {
  auto options = std::make_shared<Options>();
  const Command command = app.Add(
      session, "score",
      "What each customer of a summary is worth: the input's columns and P(alive), purchases, "
      "spend and value with intervals, its basis (margin, or revenue where the model has no margin "
      "rate) and the model's version. With a model of `tenure fit --by` each row has its "
      "population's, and says whose data that is made of; with one of covariates, that of the "
      "row's columns of those names.",
      [session, options] { return Run(*options, session->json); });
  options->model.AddTo(command);
  options->asked.AddTo(command);
  command.AddOption("--population", options->population,
                    "column of the populations of a model of `tenure fit --by`; the one that it "
                    "was fitted by if not given");
  command.AddOption("--output", options->output, "file to write to");
  command.AddFlag("--totals", options->totals,
                  "the base's value and its intervals, not the customers'");
  command.AddOption("--by", options->by, "column whose values have totals of their own");
  command.AddOption("--weights", options->weights,
                    "with --totals: column of case weights; `weights` where there is one");
}

}  // namespace tenure::cli
