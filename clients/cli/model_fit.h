// How `tenure` shows one fit.
#ifndef TENURE_CLIENTS_CLI_MODEL_FIT_H_
#define TENURE_CLIENTS_CLI_MODEL_FIT_H_

#include <nlohmann/json_fwd.hpp>

#include "server/clv/fit_report.h"

namespace tenure::cli {

// The document of `tenure fit --json`: model, params, standard_errors, log_likelihood, verdict and
// so on; null for what is no number.
nlohmann::ordered_json ModelFitJson(const clv::ModelFit& fit);
// The same for a person, on standard output.
void PrintModelFit(const clv::ModelFit& fit);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_MODEL_FIT_H_
