#include "clients/cli/early.h"

#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/asked_value.h"
#include "clients/cli/csv.h"
#include "clients/cli/model_option.h"
#include "clients/cli/numbers.h"
#include "clients/cli/scored_rows.h"
#include "clients/cli/scoring_models.h"
#include "server/base/status.h"
#include "server/clv/stream_value.h"
#include "server/clv/value_model.h"

namespace tenure::cli {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr size_t kMostRemembered = 100'000;

struct Options {
  ModelOption model;
  std::string output;
  AskedValue asked;
};

// Columns that say that a row is no new customer: they must be 0 where they are.
constexpr std::array<const char*, 3> kPast = {"frequency", "recency", "T"};

// What a customer just acquired is worth, the first purchase counted: the figure is that of the
// features, its intervals are relative to it those of the same time as one step.
absl::StatusOr<clv::Ranged> NewCustomerOf(const clv::ValueModel& model,
                                          const clv::ValueFeatures& features) {
  constexpr double kDaysPerYear = 365.25;
  const clv::ValueOptions& options = model.options();
  const double rate =
      std::expm1(std::log1p(options.discount_per_year) * options.horizon_days / kDaysPerYear);
  TENURE_ASSIGN_OR_RETURN(const clv::StreamValuer valuer,
                          clv::StreamValuer::Create(
                              model, {options.horizon_days / options.time_unit_days, 1, rate}, 1));
  TENURE_ASSIGN_OR_RETURN(clv::Ranged ranged, valuer.OfNew());
  const double value = features.clv + features.margin_next;
  const double factor = ranged.value > 0 ? value / ranged.value : 0;
  ranged.value = value;
  for (double* end :
       {&ranged.mean_low, &ranged.mean_high, &ranged.predictive_low, &ranged.predictive_high}) {
    *end *= factor;
  }
  return ranged;
}

// Where a file of new customers has what the model reads.
struct NewCustomers {
  std::unique_ptr<CsvReader> reader;
  std::vector<size_t> past;
  std::vector<size_t> covariates;
  size_t population = 0;  // means nothing where the model has none

  absl::Status CheckNew(const std::vector<absl::string_view>& text) const {
    for (size_t column : past) {
      TENURE_ASSIGN_OR_RETURN(const double value, NumberField(*reader, text, column));
      if (value == 0) continue;
      return absl::InvalidArgumentError(
          absl::StrCat(reader->Where(column), ": ", text[column],
                       " is a history; of a customer with one `tenure score` knows more"));
    }
    return absl::OkStatus();
  }
};

absl::StatusOr<NewCustomers> Open(const std::string& path, const ScoringModels& models) {
  NewCustomers file;
  TENURE_ASSIGN_OR_RETURN(file.reader, CsvReader::Open(path));
  for (const char* name : kPast) {
    if (const auto column = file.reader->Column(name); column.ok()) file.past.push_back(*column);
  }
  for (const std::string& name : models.covariates()) {
    TENURE_ASSIGN_OR_RETURN(const size_t column, file.reader->Column(name));
    file.covariates.push_back(column);
  }
  if (models.by_population()) {
    TENURE_ASSIGN_OR_RETURN(file.population, file.reader->Column(models.column()));
  }
  return file;
}

absl::Status Run(const Options& options, bool json) {
  options.model.Check();
  TENURE_ASSIGN_OR_RETURN(const ScoringModels models,
                          ScoringModels::Load(options.model, options.asked));
  TENURE_ASSIGN_OR_RETURN(const NewCustomers file, Open(options.model.file(), models));
  TENURE_ASSIGN_OR_RETURN(
      const std::unique_ptr<ScoredRows> out,
      ScoredRows::Create(
          options.output,
          {file.reader->header(),
           {"expected_purchases", "expected_spend", "clv", "clv_mean_low", "clv_mean_high",
            "clv_predictive_low", "clv_predictive_high", "new_customer_value",
            "new_customer_value_mean_low", "new_customer_value_mean_high",
            "new_customer_value_predictive_low", "new_customer_value_predictive_high"},
           true,
           models.by_population()},
          json));
  // Just acquired: the first purchase is made, and nothing else is known; nor what they send back.
  const clv::Observation just_now{0, 0, 0, kUnknown, kUnknown};
  std::vector<absl::string_view> text;
  std::vector<double> z(file.covariates.size());
  // Of who has the same model: its parameters are drawn once.
  std::map<std::pair<std::string, std::vector<double>>, clv::Ranged> fresh;
  while (true) {
    TENURE_ASSIGN_OR_RETURN(const bool found, file.reader->Next(&text));
    if (!found) break;
    TENURE_RETURN_IF_ERROR(file.CheckNew(text));
    for (size_t i = 0; i < z.size(); ++i) {
      TENURE_ASSIGN_OR_RETURN(z[i], NumberField(*file.reader, text, file.covariates[i]));
    }
    const absl::StatusOr<ScoringModel> by =
        models.Of(models.by_population() ? text[file.population] : "", z);
    if (!by.ok()) return Annotate(by.status(), file.reader->Where(0));
    clv::ValueFeatures f{};
    by->model->Compute({&just_now, 1}, {&f, 1});
    if (fresh.size() > kMostRemembered) fresh.clear();
    const auto [at, is_first] =
        fresh.try_emplace({models.by_population() ? std::string(text[file.population]) : "", z});
    if (is_first) {
      TENURE_ASSIGN_OR_RETURN(at->second, NewCustomerOf(*by->model, f));
    }
    const clv::Ranged& worth = at->second;
    const std::array<double, 12> scores = {
        f.expected_purchases, f.spend_next,          f.clv,       f.clv_mean_low, f.clv_mean_high,
        f.clv_predictive_low, f.clv_predictive_high, worth.value, worth.mean_low, worth.mean_high,
        worth.predictive_low, worth.predictive_high};
    out->Add(text, scores, {by->model->basis(), by->version, by->from});
  }
  return out->Keep();
}

}  // namespace

void AddEarly(const Command& group, Session* session) {
  auto options = std::make_shared<Options>();
  const Command command =
      group.Add(session, "early",
                "Early CLV: what customers who have just made their first purchase will bring, by "
                "the columns that the model has as covariates (`tenure fit --covariates`), or its "
                "population.",
                [session, options] { return Run(*options, session->json); });
  options->model.AddTo(command);
  options->asked.AddTo(command);
  command.AddOption("--output", options->output, "file to write to");
}

}  // namespace tenure::cli
