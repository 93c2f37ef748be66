#include "server/planning/population_report.h"

#include <cmath>
#include <map>
#include <string>

#include "server/rules/population.h"
#include "server/validation/forecast.h"

namespace tenure::planning {
namespace {

using nlohmann::ordered_json;

constexpr const char* kSources[] = {"own", "borrowed", "pooled"};  // in the order of clv::Source

ordered_json EvidenceJson(const clv::Evidence& evidence) {
  return {{"source", kSources[static_cast<int>(evidence.source)]},
          {"cases", evidence.cases},
          {"own_weight", evidence.own_weight}};
}

ordered_json OneJson(const clv::Population& population, const std::string& margin_rate_source) {
  const clv::ValueModel& model = *population.model;
  const clv::ValueOptions& options = model.options();
  ordered_json json = {{"name", population.name},
                       {"text", population.Text()},
                       {"customers", population.customers},
                       {"model", model.model()},
                       {"purchases", EvidenceJson(population.purchases)}};
  if (!model.parameters().spend.empty()) json["spend"] = EvidenceJson(population.spend);
  json["verdict"] = model.parameters().verdict;
  json["fallback"] = model.parameters().fallback;
  ordered_json& params = json["params"] = ordered_json::array();
  for (const validation::ParameterEstimate& parameter : validation::EstimatesOf(model)) {
    ordered_json one = {{"name", parameter.name}, {"estimate", parameter.estimate}};
    if (std::isfinite(parameter.standard_error)) one["standard_error"] = parameter.standard_error;
    params.push_back(std::move(one));
  }
  json["time_unit_days"] = options.time_unit_days;
  json["horizon_days"] = options.horizon_days;
  json["discount_per_year"] = options.discount_per_year;
  json["response_window_days"] = options.response_window_days;
  json["margin_rate"] = options.margin_rate;
  json["margin_rate_source"] = margin_rate_source;
  json["kept_share"] = options.kept_share;
  return json;
}

}  // namespace

ordered_json PopulationsJson(const PopulationFit& fit, const rules::RuleSet& rules) {
  ordered_json list = ordered_json::array();
  for (const clv::Population& population : fit.fitted.models->populations()) {
    list.push_back(OneJson(population, fit.margin_rate_sources.at(population.name)));
  }
  for (const std::string& name : fit.left_out) {
    list.push_back(
        {{"name", name},
         {"text", "pooled: nobody is in it yet, nor in another of its model and time unit"},
         {"customers", 0}});
  }
  std::map<std::string, size_t> place_of;
  for (size_t p = 0; p <= rules.value.populations.size(); ++p) {
    place_of[std::string(rules.value.NameOf(p))] = p;
  }
  for (ordered_json& one : list) {
    const auto place = place_of.find(one["name"].get<std::string>());
    if (place != place_of.end()) one["definition"] = rules::DefinitionOf(rules, place->second);
  }
  return list;
}

std::vector<std::string> ChangedPopulations(const journal::ModelRecord& record,
                                            const rules::RuleSet& rules) {
  std::vector<std::string> changed;
  const ordered_json report = ordered_json::parse(record.report_json, nullptr, false);
  if (rules.value.populations.empty() || !report.is_object()) return changed;
  const auto populations = report.find("populations");
  if (populations == report.end() || !populations->is_array()) return changed;
  std::map<std::string, std::string> then;
  for (const ordered_json& one : *populations) {
    if (!one.is_object()) continue;
    const auto name = one.find("name"), definition = one.find("definition");
    if (name == one.end() || definition == one.end()) continue;
    if (name->is_string() && definition->is_string()) then[*name] = *definition;
  }
  for (size_t p = 0; p <= rules.value.populations.size(); ++p) {
    const std::string name(rules.value.NameOf(p));
    const auto known = then.find(name);
    if (known == then.end() || known->second == rules::DefinitionOf(rules, p)) continue;
    changed.push_back(name);
  }
  return changed;
}

}  // namespace tenure::planning
