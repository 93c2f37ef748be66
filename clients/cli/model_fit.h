// How `tenure` shows fits.
#ifndef TENURE_CLIENTS_CLI_MODEL_FIT_H_
#define TENURE_CLIENTS_CLI_MODEL_FIT_H_

#include <nlohmann/json_fwd.hpp>

#include "server/clv/fit_report.h"
#include "server/clv/value_model.h"

namespace tenure::cli {

// The document of `tenure fit --json`: model, params, standard_errors, log_likelihood, verdict and
// so on; null for what is no number.
nlohmann::ordered_json ModelFitJson(const clv::ModelFit& fit);
// The same for a person, on standard output.
void PrintModelFit(const clv::ModelFit& fit);

// All that FitValueModel and its like say: as above the parameters that are `used`, of a fit or,
// with the verdict FALLBACK, of a simple estimate; why, every model tried, spend and the holdout.
// `seconds` is of all of it: what each took is not known.
nlohmann::ordered_json FitReportJson(const clv::FitReport& report, const clv::ValueParameters& used,
                                     double seconds);
void PrintFitReport(const clv::FitReport& report, const clv::ValueParameters& used, double seconds);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_MODEL_FIT_H_
