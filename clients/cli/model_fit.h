// How `tenure` shows fits.
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

// All that FitValueModel and its like say: the chosen fit as above, why, every model tried, spend
// and the holdout.
nlohmann::ordered_json FitReportJson(const clv::FitReport& report);
void PrintFitReport(const clv::FitReport& report);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_MODEL_FIT_H_
