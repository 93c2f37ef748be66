// What the customers of a summary are worth together.
#ifndef TENURE_CLIENTS_CLI_SCORE_TOTALS_H_
#define TENURE_CLIENTS_CLI_SCORE_TOTALS_H_

#include <string>

#include "absl/status/status.h"
#include "clients/cli/scoring_models.h"

namespace tenure::cli {

struct TotalsRequest {
  std::string path;        // of the summary
  std::string by;          // column whose values have totals of their own; empty: the base alone
  std::string weights;     // column of case weights; empty: `weights` where there is one
  std::string population;  // column of the populations, where the models are by population
};

// Prints the base and the values of `by`: customers, value and both of its intervals, as a table or
// JSON. Each row counts by its population's model, and those that borrow err together.
// NOT_FOUND or INVALID_ARGUMENT naming file, line and column.
absl::Status PrintTotals(const ScoringModels& models, const TotalsRequest& request, bool json);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_SCORE_TOTALS_H_
