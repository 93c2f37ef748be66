#include "clients/cli/score.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/discount_option.h"
#include "clients/cli/model_option.h"
#include "clients/cli/numbers.h"
#include "clients/cli/score_totals.h"
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
  bool totals = false;
  double horizon_days = 0;
  std::string discount;
  std::string population;
  double margin_rate = std::numeric_limits<double>::quiet_NaN();
};

constexpr std::array<const char*, 8> kColumns = {
    "p_alive",      "expected_purchases", "expected_spend",     "clv",
    "clv_mean_low", "clv_mean_high",      "clv_predictive_low", "clv_predictive_high"};

absl::StatusOr<ScoringModels> LoadModels(const Options& options) {
  double discount = -1;
  if (!options.discount.empty()) discount = AnnualDiscount(options.discount);
  return ScoringModels::Load(options.model, [&options, discount](clv::ValueOptions* value) {
    if (options.horizon_days > 0) value->horizon_days = options.horizon_days;
    if (discount >= 0) value->discount_per_year = discount;
    if (std::isfinite(options.margin_rate)) value->margin_rate = options.margin_rate;
  });
}

// The column that says whose model a row has; none where there is one model.
absl::StatusOr<std::optional<size_t>> PopulationColumn(const Options& options,
                                                       const ScoringModels& models,
                                                       const CsvReader& reader) {
  if (!models.by_population()) return std::nullopt;
  return reader.Column(options.population.empty() ? models.column() : options.population);
}

std::array<double, kColumns.size()> Values(const clv::ValueFeatures& f) {
  return {f.p_alive,      f.expected_purchases, f.spend_next,         f.clv,
          f.clv_mean_low, f.clv_mean_high,      f.clv_predictive_low, f.clv_predictive_high};
}

absl::Status Run(const Options& options, bool json) {
  options.model.Check();
  if (!options.by.empty() && !options.totals) RefuseUsage("--by goes with --totals");
  TENURE_ASSIGN_OR_RETURN(const ScoringModels models, LoadModels(options));
  if (!models.by_population() && !options.population.empty()) {
    RefuseUsage("--population goes with a model of `tenure fit --by`");
  }
  const double unit = models.file_unit_days();
  if (options.totals) {
    if (models.by_population()) RefuseUsage("--totals goes with one model, not one of `fit --by`");
    return PrintTotals(*models.usual().model, options.model.file(), unit, options.by, json);
  }
  TENURE_ASSIGN_OR_RETURN(const std::unique_ptr<SummaryFile> file,
                          SummaryFile::Open(options.model.file(), ""));
  TENURE_ASSIGN_OR_RETURN(const std::optional<size_t> population,
                          PopulationColumn(options, models, file->reader()));
  std::FILE* out = stdout;
  const std::string temporary = options.output + ".tmp";
  if (!options.output.empty() && (out = std::fopen(temporary.c_str(), "wb")) == nullptr) {
    return absl::UnavailableError(absl::StrCat("can't write ", options.output));
  }
  const std::vector<std::string>& header = file->reader().header();
  nlohmann::ordered_json document = nlohmann::ordered_json::array();
  std::string buffer;
  if (!json) {
    for (const std::string& column : header) absl::StrAppend(&buffer, CsvField(column), ",");
    absl::StrAppend(&buffer, absl::StrJoin(kColumns, ","), ",basis,model",
                    population.has_value() ? ",evidence\n" : "\n");
  }
  SummaryFields row;
  std::vector<absl::string_view> text;
  absl::Status status;
  while (true) {
    absl::StatusOr<bool> found = file->Next(&row, &text);
    status = found.status();
    if (!found.ok() || !*found) break;
    const clv::Observation observation{row.frequency, row.recency * unit, row.age * unit,
                                       row.mean_spend, row.kept};
    clv::ValueFeatures features{};
    const ScoringModel by = population.has_value() ? models.Of(text[*population]) : models.usual();
    by.model->Compute({&observation, 1}, {&features, 1});
    const auto values = Values(features);
    if (json) {
      nlohmann::ordered_json object;
      for (size_t i = 0; i < header.size(); ++i) object[header[i]] = std::string(text[i]);
      for (size_t i = 0; i < kColumns.size(); ++i) object[kColumns[i]] = values[i];
      object["basis"] = by.model->basis();
      object["model"] = by.version;
      if (population.has_value()) object["evidence"] = by.from;
      document.push_back(std::move(object));
      continue;
    }
    for (absl::string_view field : text) absl::StrAppend(&buffer, CsvField(field), ",");
    for (size_t i = 0; i < kColumns.size(); ++i) {
      absl::StrAppend(&buffer, i == 0 ? "" : ",", FormatNumber(values[i]));
    }
    absl::StrAppend(&buffer, ",", by.model->basis(), ",", by.version);
    if (population.has_value()) absl::StrAppend(&buffer, ",", CsvField(by.from));
    buffer += '\n';
    if (buffer.size() > (size_t{1} << 20)) {
      std::fwrite(buffer.data(), 1, buffer.size(), out);
      buffer.clear();
    }
  }
  if (json && status.ok()) buffer = document.dump(2) + "\n";
  std::fwrite(buffer.data(), 1, buffer.size(), out);
  if (std::fflush(out) != 0 || std::ferror(out) != 0) {
    status.Update(absl::UnavailableError("can't write the scores; is the disk full?"));
  }
  if (out == stdout) return status;
  std::fclose(out);
  if (!status.ok() || std::rename(temporary.c_str(), options.output.c_str()) != 0) {
    std::remove(temporary.c_str());
    status.Update(absl::UnavailableError(absl::StrCat("can't write ", options.output)));
  }
  return status;
}

}  // namespace

void AddScore(const Command& app, Session* session) {
  auto options = std::make_shared<Options>();
  const Command command = app.Add(
      session, "score",
      "What each customer of a summary is worth: the input's columns and P(alive), purchases, "
      "spend and value with intervals, its basis (margin, or revenue where the model has no margin "
      "rate) and the model's version. With a model of `tenure fit --by` each row has its "
      "population's, and says whose data that is made of.",
      [session, options] { return Run(*options, session->json); });
  options->model.AddTo(command);
  command.AddOption("--horizon", options->horizon_days, "days of value; the model's if not given")
      .NumberIn(1, kMostDays);
  command.AddOption("--discount", options->discount,
                    absl::StrCat(kDiscountForms, "; the model's if not given"));
  command.AddOption("--margin-rate", options->margin_rate, "margin per revenue").NumberIn(0, 1);
  command.AddOption("--population", options->population,
                    "column of the populations of a model of `tenure fit --by`; the one that it "
                    "was fitted by if not given");
  command.AddOption("--output", options->output, "file to write to");
  command.AddFlag("--totals", options->totals,
                  "the base's value and its intervals, not the customers'");
  command.AddOption("--by", options->by, "column whose values have totals of their own");
}

}  // namespace tenure::cli
