#include "clients/cli/fit_populations.h"

#include <cmath>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "clients/cli/command.h"
#include "clients/cli/counted_rows.h"
#include "clients/cli/model_fit.h"
#include "clients/cli/prior_option.h"
#include "clients/cli/summary_file.h"
#include "clients/cli/table.h"
#include "server/base/status.h"
#include "server/clv/model_kind.h"
#include "server/clv/populations.h"

namespace tenure::cli {
namespace {

using Json = nlohmann::ordered_json;

// "gym=sbg" by its value; the last of a value counts.
std::map<std::string, std::string> ModelsOf(const std::vector<std::string>& model_of) {
  std::map<std::string, std::string> models;
  for (const std::string& each : model_of) {
    const size_t equals = each.rfind('=');
    if (equals == std::string::npos) {
      RefuseUsage(absl::StrCat("--model-of: `", each, "` must be VALUE=MODEL"));
    }
    const std::string model = each.substr(equals + 1);
    if (const auto kind = clv::FindModelKind(model); !kind.ok()) {
      RefuseUsage(absl::StrCat("--model-of: ", kind.status().message()));
    }
    models[each.substr(0, equals)] = model;
  }
  return models;
}

struct Customers {
  std::vector<clv::Observation> rows;
  std::vector<size_t> population_of;
  std::vector<clv::PopulationSpec> specs;
};

absl::Status Load(const PopulationFitOptions& options, Customers* customers) {
  std::map<std::string, std::string> models = ModelsOf(options.model_of);
  TENURE_ASSIGN_OR_RETURN(const std::unique_ptr<SummaryFile> file,
                          SummaryFile::Open(options.file, options.weights));
  TENURE_ASSIGN_OR_RETURN(const size_t column, file->reader().Column(options.by));
  const double unit = options.value.time_unit_days;
  std::map<std::string, size_t> index_of;
  SummaryFields row;
  std::vector<absl::string_view> text;
  while (true) {
    TENURE_ASSIGN_OR_RETURN(const bool found, file->Next(&row, &text));
    if (!found) break;
    std::string name(text[column]);
    const auto [at, is_new] = index_of.try_emplace(name, customers->specs.size());
    if (is_new) {
      clv::PopulationSpec spec{name, options.value};
      if (const auto model = models.find(name); model != models.end()) {
        spec.options.model = model->second;
      }
      customers->specs.push_back(std::move(spec));
    }
    TENURE_RETURN_IF_ERROR(CheckCounts(*file, row, customers->specs[at->second].options.model));
    TENURE_ASSIGN_OR_RETURN(const size_t copies, file->CopiesOf(row, customers->rows.size()));
    customers->population_of.insert(customers->population_of.end(), copies, at->second);
    customers->rows.insert(
        customers->rows.end(), copies,
        clv::Observation{row.frequency, row.recency * unit, row.age * unit, row.mean_spend,
                         row.kept, row.log_intervals + row.frequency * std::log(unit)});
  }
  if (customers->rows.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(options.file, " has no rows below its header"));
  }
  for (const auto& [name, model] : models) {
    if (index_of.count(name) > 0) continue;
    return absl::NotFoundError(absl::StrCat("--model-of: the column `", options.by, "` of ",
                                            options.file, " has no value `", name, "`"));
  }
  return absl::OkStatus();
}

std::vector<std::string> ParameterNames(const clv::ValueModel& model) {
  return clv::FindModelKind(model.model())->ParameterNames();
}

Json ToJson(const clv::ValueModel& model) {
  Json json;
  json["model"] = model.model();
  const std::vector<std::string> names = ParameterNames(model);
  for (size_t i = 0; i < names.size(); ++i) {
    json["params"][names[i]] = model.parameters().purchase[i];
  }
  constexpr const char* kSpend[] = {"p", "q", "v"};
  for (size_t i = 0; i < model.parameters().spend.size(); ++i) {
    json["spend_params"][kSpend[i]] = model.parameters().spend[i];
  }
  return json;
}

Json ToJson(const clv::Evidence& evidence) {
  constexpr const char* kSources[] = {"own", "borrowed", "pooled"};
  return {{"source", kSources[static_cast<int>(evidence.source)]},
          {"cases", evidence.cases},
          {"own_weight", evidence.own_weight}};
}

Json ToJson(const clv::FittedPopulations& fitted) {
  Json document;
  document["column"] = fitted.models->column();
  document["pooled"] = ToJson(fitted.models->pooled());
  document["populations"] = Json::array();
  for (const clv::Population& population : fitted.models->populations()) {
    Json entry = {{"name", population.name}, {"customers", population.customers}};
    entry.update(ToJson(*population.model));
    entry["purchases"] = ToJson(population.purchases);
    if (!population.model->parameters().spend.empty()) entry["spend"] = ToJson(population.spend);
    entry["text"] = population.Text();
    document["populations"].push_back(std::move(entry));
  }
  document["families"] = Json::array();
  for (const clv::PopulationFamily& family : fitted.families) {
    Json entry = {{"model", family.model},
                  {"chosen", family.pooled.chosen},
                  {"why", family.pooled.why},
                  {"fallback", family.pooled.fallback},
                  {"own_fits", family.own_purchases},
                  {"log_spread", family.purchase_log_spread},
                  {"spend_own_fits", family.own_spends},
                  {"spend_log_spread", family.spend_log_spread}};
    entry["models"] = Json::array();
    for (const clv::ModelFit& fit : family.pooled.purchase) {
      entry["models"].push_back(ModelFitJson(fit));
    }
    AddPriors(family.priors, &entry);
    document["families"].push_back(std::move(entry));
  }
  return document;
}

std::string ParametersText(const clv::ValueModel& model) {
  const std::vector<std::string> names = ParameterNames(model);
  std::vector<std::string> parts;
  for (size_t i = 0; i < names.size(); ++i) {
    parts.push_back(absl::StrFormat("%s %.4g", names[i], model.parameters().purchase[i]));
  }
  return absl::StrJoin(parts, ", ");
}

void Print(const clv::FittedPopulations& fitted) {
  Table table({fitted.models->column(), "customers", "model", "parameters", "from"});
  for (const clv::Population& population : fitted.models->populations()) {
    table.Add({population.name, absl::StrCat(population.customers), population.model->model(),
               ParametersText(*population.model), population.Text()});
  }
  const clv::ValueModel& pooled = fitted.models->pooled();
  table.Add({"(any other)", "", pooled.model(), ParametersText(pooled), "pooled"});
  table.Print();
  for (const clv::PopulationFamily& family : fitted.families) {
    std::cout << "model " << family.model << ", chosen " << family.pooled.chosen << ": "
              << family.pooled.why << "\n";
    if (!family.pooled.fallback.empty()) {
      std::cout << "fallback: " << family.pooled.fallback << "\n";
    }
    PrintPriors(family.priors);
  }
}

}  // namespace

absl::Status FitPopulationsFile(const PopulationFitOptions& options, bool json) {
  Customers customers;
  TENURE_RETURN_IF_ERROR(Load(options, &customers));
  std::optional<clv::PriorRequest> prior;
  if (!options.prior.empty()) prior = ParsePrior(options.prior);
  TENURE_ASSIGN_OR_RETURN(
      const clv::FittedPopulations fitted,
      clv::FitPopulations(std::move(customers.rows), customers.population_of, customers.specs,
                          options.value, options.by, prior.has_value() ? &*prior : nullptr));
  if (!options.save.empty()) {
    TENURE_RETURN_IF_ERROR(WriteFile(options.save, fitted.models->ToJson() + "\n"));
  }
  if (json) {
    PrintJson(ToJson(fitted));
  } else {
    Print(fitted);
  }
  return absl::OkStatus();
}

}  // namespace tenure::cli
