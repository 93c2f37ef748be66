// Maximum likelihood for the purchase models, and the verdict on what came out.
#ifndef TENURE_SERVER_CLV_PURCHASE_FIT_H_
#define TENURE_SERVER_CLV_PURCHASE_FIT_H_

#include <string>
#include <vector>

#include "server/clv/fit_report.h"
#include "server/clv/newton.h"
#include "server/clv/purchase_model.h"
#include "server/clv/summary.h"

namespace tenure::clv {

// A dropout model must gain more log-likelihood over NBD than its two further parameters cost by
// Akaike's criterion; below that its dropout is NOT_IDENTIFIED.
inline constexpr double kDropoutGain = 2;

// Parameters in the time unit of the rows the summary was made from. Deterministic, thread-safe.
ModelFit FitPurchaseModel(PurchaseKind kind, const Summary& summary);

// Estimates, standard errors and the verdict at a maximum, in the units of the maximisation:
// FAILED without an optimum; at one BOUNDARY where a log is at its bound or the Hessian leaves it
// open by more than a factor of 20 (one standard error), else CONVERGED.
ModelFit Describe(const std::string& model, std::vector<std::string> names, const Maximum& best);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_PURCHASE_FIT_H_
