// Fitting a model to each of the rule set's populations.
#ifndef TENURE_SERVER_PLANNING_POPULATION_FIT_H_
#define TENURE_SERVER_PLANNING_POPULATION_FIT_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/clv/model_document.h"
#include "server/clv/populations.h"
#include "server/customers/population.h"
#include "server/rules/rule_set.h"

namespace tenure::planning {

struct PopulationFit {
  clv::FittedPopulations fitted;
  clv::FitReport report;                                   // of all families together
  std::map<std::string, std::string> margin_rate_sources;  // by population
  // Populations that nobody is in, nor in another one that they could borrow from: their customers
  // to come have the pooled model.
  std::vector<std::string> left_out;

  clv::ModelDocument models() const { return {fitted.models->pooled_model(), fitted.models}; }
};

// Fits the customers of a summary that was made by these rules, which list populations; who is in
// none of them are a population like the others (rules::kRestPopulation). Contracts count by the
// calendar (clv::RenewalsOf). FAILED_PRECONDITION naming the model that can't be fitted, the
// populations of unknown margin where others' is known, or as FitOptionsOf. Thread-safe.
absl::StatusOr<PopulationFit> FitPopulations(const rules::ValueSettings& rules,
                                             const customers::Population::Summary& summary);

}  // namespace tenure::planning

#endif  // TENURE_SERVER_PLANNING_POPULATION_FIT_H_
