// The figures of a validation as JSON, for `tenure validate-model --json`.
#ifndef TENURE_CLIENTS_CLI_VALIDATION_JSON_H_
#define TENURE_CLIENTS_CLI_VALIDATION_JSON_H_

#include <nlohmann/json_fwd.hpp>

#include "server/validation/model_validation.h"

namespace tenure::cli {

// What is not defined is null.
nlohmann::ordered_json ToJson(const validation::ModelValidation& validated);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_VALIDATION_JSON_H_
