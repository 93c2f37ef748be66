// What a fit of several populations says of each, for the model's report.
#ifndef TENURE_SERVER_PLANNING_POPULATION_REPORT_H_
#define TENURE_SERVER_PLANNING_POPULATION_REPORT_H_

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "server/journal/records.h"
#include "server/planning/population_fit.h"
#include "server/rules/rule_set.h"

namespace tenure::planning {

// A list, in the order of the models' names, then those that were left out; each with what decided
// then who was in it. Thread-safe, as all here.
nlohmann::ordered_json PopulationsJson(const PopulationFit& fit, const rules::RuleSet& rules);

// The populations of `rules` that the record's model was fitted to by another condition, or after
// others' (rules::DefinitionOf): their parameters are of other customers. Those that it doesn't
// know, and all of a report that kept no conditions, are none of them.
std::vector<std::string> ChangedPopulations(const journal::ModelRecord& record,
                                            const rules::RuleSet& rules);

}  // namespace tenure::planning

#endif  // TENURE_SERVER_PLANNING_POPULATION_REPORT_H_
