// The figures of a validation as JSON, for `tenure validate-model --json`.
#ifndef TENURE_CLIENTS_CLI_VALIDATION_JSON_H_
#define TENURE_CLIENTS_CLI_VALIDATION_JSON_H_

#include <nlohmann/json_fwd.hpp>

#include "server/validation/report.h"

namespace tenure::cli {

// What is not defined is null. `tracking` may be null.
nlohmann::ordered_json ValidationJson(const validation::ReportFacts& facts,
                                      const validation::Validation& validation,
                                      const validation::Tracking* tracking,
                                      const validation::Verdict& verdict);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_VALIDATION_JSON_H_
