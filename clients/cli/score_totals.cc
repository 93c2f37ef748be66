#include "clients/cli/score_totals.h"

#include <cstddef>
#include <cstdint>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
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

constexpr char kBase[] = "all";

// Names, and the numbers that they have been given as they came.
using Numbers = std::map<std::string, uint32_t>;

uint32_t NumberOf(const std::string& name, Numbers* numbers) {
  return numbers->try_emplace(name, static_cast<uint32_t>(numbers->size())).first->second;
}

// All customers, each once: of ten millions there is no room for copies.
struct Base {
  std::vector<clv::Observation> observations;
  std::vector<double> weights;                      // empty: 1 each
  std::vector<double> covariates;                   // row by row, where the model reads any
  std::vector<uint32_t> population_of, segment_of;  // empty: there is one
  Numbers populations, segments;
  std::map<std::string, ScoringModel> models;  // by population
};

// Of the customers: [begin, end).
struct Range {
  size_t begin = 0;
  size_t end = 0;
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
    base->observations.push_back(
        {row.frequency, row.recency * unit, row.age * unit, row.mean_spend, row.kept});
    if (file->has_weights()) base->weights.push_back(row.weight);
    const absl::Span<const double> z = file->covariates();
    base->covariates.insert(base->covariates.end(), z.begin(), z.end());
    if (models.by_population()) {
      base->population_of.push_back(NumberOf(name, &base->populations));
    }
    if (!request.by.empty()) {
      base->segment_of.push_back(NumberOf(std::string(text[by]), &base->segments));
    }
  }
}

// Puts row i, of `width` values, in the place to[i].
template <typename Value>
void Move(const std::vector<uint32_t>& to, size_t width, std::vector<Value>* values) {
  std::vector<Value> moved(values->size());
  for (size_t i = 0; i < values->size(); ++i) {
    moved[to[i / width] * width + i % width] = (*values)[i];
  }
  *values = std::move(moved);
}

// Puts the customers of one number together, in the order they were in. By number.
std::vector<Range> SortBy(const std::vector<uint32_t>& number_of, size_t numbers, Base* base) {
  std::vector<Range> ranges(numbers);
  for (const uint32_t number : number_of) ++ranges[number].end;
  size_t begin = 0;
  for (Range& range : ranges) {
    begin += range.end;
    range.begin = range.end = begin - range.end;
  }
  std::vector<uint32_t> to;
  to.reserve(number_of.size());
  for (const uint32_t number : number_of) {
    to.push_back(static_cast<uint32_t>(ranges[number].end++));
  }
  if (!base->covariates.empty()) {
    Move(to, base->covariates.size() / base->observations.size(), &base->covariates);
  }
  Move(to, 1, &base->observations);
  Move(to, 1, &base->weights);
  Move(to, 1, &base->population_of);
  Move(to, 1, &base->segment_of);
  return ranges;
}

// Of customers who stand by population.
absl::StatusOr<clv::TotalValue> TotalOf(const ScoringModels& models, const Base& base,
                                        const Range& customers) {
  const auto part = [&](const auto& values, size_t width, const Range& range) {
    return values.empty() ? absl::MakeConstSpan(values)
                          : absl::MakeConstSpan(values).subspan(range.begin * width,
                                                                (range.end - range.begin) * width);
  };
  if (customers.begin == customers.end) return clv::Together({});
  if (models.by_covariates() != nullptr) {
    return clv::TotalOf(*models.by_covariates(), part(base.observations, 1, customers),
                        part(base.covariates, models.covariates().size(), customers), {},
                        part(base.weights, 1, customers));
  }
  std::map<uint32_t, Range> ranges;  // by population
  for (size_t i = customers.begin; i < customers.end; ++i) {
    const uint32_t population = base.population_of.empty() ? 0 : base.population_of[i];
    ranges.try_emplace(population, Range{i, i}).first->second.end = i + 1;
  }
  std::vector<clv::TotalValue> own, alike;
  for (const auto& [name, by] : base.models) {
    const auto range = ranges.find(base.populations.empty() ? 0 : base.populations.at(name));
    if (range == ranges.end()) continue;
    TENURE_ASSIGN_OR_RETURN((by.is_own ? own : alike).emplace_back(),
                            clv::TotalOf(*by.model, part(base.observations, 1, range->second), {},
                                         part(base.weights, 1, range->second)));
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
  const auto add = [&](const std::string& name, const Range& customers) -> absl::Status {
    TENURE_ASSIGN_OR_RETURN(const clv::TotalValue total, TotalOf(models, base, customers));
    rows.push_back(ToJson(name, total));
    table.Add(
        {name, absl::StrFormat("%.0f", total.customers),
         absl::StrFormat("%.1f", total.expected_purchases), absl::StrFormat("%.2f", total.clv),
         absl::StrFormat("%.2f to %.2f", total.clv_mean_low, total.clv_mean_high),
         absl::StrFormat("%.2f to %.2f", total.clv_predictive_low, total.clv_predictive_high)});
    return absl::OkStatus();
  };
  if (!base.population_of.empty()) {
    SortBy(std::vector<uint32_t>(base.population_of), base.populations.size(), &base);
  }
  TENURE_RETURN_IF_ERROR(add(kBase, {0, base.observations.size()}));
  if (!base.segments.empty()) {
    const std::vector<Range> segments =
        SortBy(std::vector<uint32_t>(base.segment_of), base.segments.size(), &base);
    for (const auto& [name, number] : base.segments) {
      TENURE_RETURN_IF_ERROR(add(name, segments[number]));
    }
  }
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
