// `tenure fit --by COLUMN`: a model for each value of a column.
#ifndef TENURE_CLIENTS_CLI_FIT_POPULATIONS_H_
#define TENURE_CLIENTS_CLI_FIT_POPULATIONS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/clv/value_model.h"

namespace tenure::cli {

struct PopulationFitOptions {
  std::string file;
  std::string by;                     // the column
  std::vector<std::string> model_of;  // VALUE=MODEL, where not that of `value`
  std::string save;                   // empty: not saved
  clv::ValueOptions value;            // the file's time unit
  std::string prior;                  // as --prior says it; empty: none
  std::string weights;                // column of whole case weights; empty: every row counts once
};

// Ends the command as wrong usage where `model_of` can't be read. Prints a table, or one document
// with `json`.
absl::Status FitPopulationsFile(const PopulationFitOptions& options, bool json);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_FIT_POPULATIONS_H_
