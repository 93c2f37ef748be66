// What a fit of several populations says of each, for the model's report.
#ifndef TENURE_SERVER_PLANNING_POPULATION_REPORT_H_
#define TENURE_SERVER_PLANNING_POPULATION_REPORT_H_

#include <nlohmann/json.hpp>

#include "server/planning/population_fit.h"

namespace tenure::planning {

// A list, in the order of the models' names, then those that were left out. Thread-safe.
nlohmann::ordered_json PopulationsJson(const PopulationFit& fit);

}  // namespace tenure::planning

#endif  // TENURE_SERVER_PLANNING_POPULATION_REPORT_H_
