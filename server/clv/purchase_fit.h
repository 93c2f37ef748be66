// Maximum likelihood for the purchase models, and the verdict on what came out.
#ifndef TENURE_SERVER_CLV_PURCHASE_FIT_H_
#define TENURE_SERVER_CLV_PURCHASE_FIT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/clv/dropout.h"
#include "server/clv/fit_report.h"
#include "server/clv/log_prior.h"
#include "server/clv/model_kind.h"
#include "server/clv/newton.h"
#include "server/clv/summary.h"

namespace tenure::clv {

// A dropout model must gain more log-likelihood over NBD than its two further parameters cost by
// Akaike's criterion; below that its dropout is NOT_IDENTIFIED.
inline constexpr double kDropoutGain = 2;

struct FitOptions {
  // None: maximum likelihood. Else the maximum of likelihood times prior (MAP); log_likelihood is
  // still that of the data alone, standard errors and verdict are the posterior's. It needs no
  // repeat purchase.
  std::optional<Prior> prior;
};

// Parameters in the time unit of the rows the summary was made from. Deterministic, thread-safe.
ModelFit FitPurchaseModel(const ModelKind& kind, const Summary& summary,
                          const FitOptions& options = {});

// The model of one kind of dropout whose intervals fit best: k from 1 up while the likelihood
// rises.
struct RegularFit {
  int k = 1;
  ModelFit fit;
};
RegularFit FitRegular(Dropout dropout, const Summary& summary, const FitOptions& options = {});
// The dropout that "cnbd_k", "bg_cnbd_k" and "mbg_cnbd_k" ask for: models whose k is to be found.
std::optional<Dropout> RegularDropout(absl::string_view name);
// FitPurchaseModel of a model by name, or FitRegular. INVALID_ARGUMENT naming the models there are.
absl::StatusOr<ModelFit> FitByName(absl::string_view name, const Summary& summary,
                                   const FitOptions& options = {});

// Estimates, standard errors and the verdict at a maximum over the logs of the parameters, in the
// units of the maximisation: FAILED without an optimum; at one BOUNDARY where a log is at its bound
// or the Hessian leaves it open by more than a factor of 20 (one standard error), else CONVERGED.
// Coordinates from `logs` on are no logs but the parameters themselves.
ModelFit Describe(const std::string& model, std::vector<std::string> names, const Maximum& best,
                  size_t logs = kMaxParameters);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_PURCHASE_FIT_H_
