// Model parameters given on the command line.
#ifndef TENURE_CLIENTS_CLI_VALUE_PARAMETERS_H_
#define TENURE_CLIENTS_CLI_VALUE_PARAMETERS_H_

#include <string>

#include "absl/status/statusor.h"
#include "server/clv/value_model.h"

namespace tenure::cli {

// "r=0.24,alpha=4.41,a=0.79,b=2.43" in any order, with p, q and v where there is spend.
// INVALID_ARGUMENT naming a parameter that is missing, unknown or given twice.
absl::StatusOr<clv::ValueParameters> ParseValueParameters(const std::string& model,
                                                          const std::string& params);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_VALUE_PARAMETERS_H_
