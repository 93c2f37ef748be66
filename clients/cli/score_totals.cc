#include "clients/cli/score_totals.h"

#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "absl/strings/str_format.h"
#include "clients/cli/session.h"
#include "clients/cli/summary_file.h"
#include "clients/cli/table.h"
#include "server/base/status.h"
#include "server/clv/covariate_total.h"
#include "server/clv/total_value.h"

namespace tenure::cli {
namespace {

struct Rows {
  std::vector<clv::Observation> observations;
  std::vector<double> weights;     // empty: 1 each
  std::vector<double> covariates;  // row by row, where the model reads any
};
// Customers by population; where there is one model for all, its name is empty.
using Customers = std::map<std::string, Rows>;
constexpr char kBase[] = "all";

struct Base {
  Customers all;
  std::map<std::string, Customers> segments;
  std::map<std::string, ScoringModel> models;  // by population
};

absl::Status Read(const ScoringModels& models, const TotalsRequest& request, Base* base) {
  TENURE_ASSIGN_OR_RETURN(
      const std::unique_ptr<SummaryFile> file,
      SummaryFile::Open(request.path, SummaryColumns{request.weights, models.covariates()}));
  size_t by = 0, population = 0;
  if (!request.by.empty()) {
    TENURE_ASSIGN_OR_RETURN(by, file->reader().Column(request.by));
  }
  if (models.by_population()) {
    TENURE_ASSIGN_OR_RETURN(population, file->reader().Column(request.population));
  }
  const double unit = models.file_unit_days();
  SummaryFields row;
  std::vector<absl::string_view> text;
  while (true) {
    TENURE_ASSIGN_OR_RETURN(const bool found, file->Next(&row, &text));
    if (!found) return absl::OkStatus();
    const std::string name(models.by_population() ? text[population] : "");
    if (models.by_covariates() == nullptr && base->models.count(name) == 0) {
      TENURE_ASSIGN_OR_RETURN(ScoringModel scoring, models.Of(name, {}));
      base->models.emplace(name, std::move(scoring));
    }
    TENURE_RETURN_IF_ERROR(models.Check(*file, row,
                                        models.by_covariates() != nullptr
                                            ? models.by_covariates()->baseline()
                                            : *base->models.at(name).model));
    const clv::Observation observation{row.frequency, row.recency * unit, row.age * unit,
                                       row.mean_spend, row.kept};
    const auto add = [&](Customers* customers) {
      Rows& rows = (*customers)[name];
      rows.observations.push_back(observation);
      if (file->has_weights()) rows.weights.push_back(row.weight);
      const absl::Span<const double> z = file->covariates();
      rows.covariates.insert(rows.covariates.end(), z.begin(), z.end());
    };
    add(&base->all);
    if (!request.by.empty()) add(&base->segments[std::string(text[by])]);
  }
}

absl::StatusOr<clv::TotalValue> TotalOf(const ScoringModels& models, const Base& base,
                                        const Customers& customers) {
  std::vector<clv::TotalValue> own, alike;
  for (const auto& [name, rows] : customers) {
    if (models.by_covariates() != nullptr) {
      return clv::TotalOf(*models.by_covariates(), rows.observations, rows.covariates, {},
                          rows.weights);
    }
    const ScoringModel& by = base.models.at(name);
    TENURE_ASSIGN_OR_RETURN((by.is_own ? own : alike).emplace_back(),
                            clv::TotalOf(*by.model, rows.observations, {}, rows.weights));
  }
  return clv::Together(own, alike);
}

// Of covariates: that of customers who have 0 in each.
const clv::ValueModel& Usual(const ScoringModels& models) {
  return models.by_covariates() != nullptr ? models.by_covariates()->baseline()
                                           : *models.usual().model;
}
std::string VersionOf(const ScoringModels& models) {
  return models.by_covariates() != nullptr ? models.by_covariates()->Version()
                                           : models.usual().model->Version();
}

// A sum is revenue where all of its parts are.
const char* BasisOf(const ScoringModels& models, const Base& base) {
  for (const auto& [name, scoring] : base.models) {
    if (absl::string_view(scoring.model->basis()) == "margin") return "margin";
  }
  return Usual(models).basis();
}

nlohmann::ordered_json ToJson(const std::string& name, const clv::TotalValue& total) {
  return {{"segment", name},
          {"customers", total.customers},
          {"expected_purchases", total.expected_purchases},
          {"clv", total.clv},
          {"clv_mean_low", total.clv_mean_low},
          {"clv_mean_high", total.clv_mean_high},
          {"clv_predictive_low", total.clv_predictive_low},
          {"clv_predictive_high", total.clv_predictive_high}};
}

}  // namespace

absl::Status PrintTotals(const ScoringModels& models, const TotalsRequest& request, bool json) {
  Base base;
  TENURE_RETURN_IF_ERROR(Read(models, request, &base));
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  Table table({"segment", "customers", "purchases", "value", "mean, 95 %", "outcome, 95 %"});
  const auto add = [&](const std::string& name, const Customers& customers) -> absl::Status {
    TENURE_ASSIGN_OR_RETURN(const clv::TotalValue total, TotalOf(models, base, customers));
    rows.push_back(ToJson(name, total));
    table.Add(
        {name, absl::StrFormat("%.0f", total.customers),
         absl::StrFormat("%.1f", total.expected_purchases), absl::StrFormat("%.2f", total.clv),
         absl::StrFormat("%.2f to %.2f", total.clv_mean_low, total.clv_mean_high),
         absl::StrFormat("%.2f to %.2f", total.clv_predictive_low, total.clv_predictive_high)});
    return absl::OkStatus();
  };
  TENURE_RETURN_IF_ERROR(add(kBase, base.all));
  for (const auto& [name, customers] : base.segments) TENURE_RETURN_IF_ERROR(add(name, customers));
  const ScoringModel& usual = models.usual();
  const double horizon = Usual(models).options().horizon_days;
  const char* const basis = BasisOf(models, base);
  if (json) {
    nlohmann::ordered_json document = {
        {"basis", basis}, {"model", VersionOf(models)}, {"horizon_days", horizon}};
    if (models.by_population()) {
      document["models"] = nlohmann::ordered_json::object();
      for (const auto& [name, scoring] : base.models) {
        document["models"][name] = {{"model", scoring.model->Version()},
                                    {"evidence", scoring.from}};
      }
    }
    document["totals"] = std::move(rows);
    PrintJson(document);
    return absl::OkStatus();
  }
  table.Print();
  std::cout << absl::StrFormat("%s over %g days, discounted; ", basis, horizon);
  if (!models.by_population()) {
    std::cout << absl::StrFormat("model %s %s\n", Usual(models).model(), usual.version);
    return absl::OkStatus();
  }
  std::cout << "each customer by the model of their " << request.population << ":\n";
  for (const auto& [name, scoring] : base.models) {
    std::cout << absl::StrFormat("  %s: %s %s, %s\n", name, scoring.model->model(), scoring.version,
                                 scoring.from);
  }
  return absl::OkStatus();
}

}  // namespace tenure::cli
