// P(alive) under Pareto/NBD of very many customers: eight at once, each in a lane of their own.
// Source: note 028, equation 9 (pareto_nbd_model.h).
#ifndef TENURE_SERVER_CLV_PARETO_ALIVE_H_
#define TENURE_SERVER_CLV_PARETO_ALIVE_H_

#include "absl/types/span.h"
#include "server/clv/purchase_model.h"

namespace tenure::clv {

// Fills out[i] with PAlive at histories[i] of `model`, a Pareto/NBD, to 1e-13. The spans have the
// same length, the histories the same frequency. Each depends on its own history alone.
// Thread-safe.
void ParetoAliveOfAll(const PurchaseModel& model, absl::Span<const History> histories,
                      absl::Span<double> out);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_PARETO_ALIVE_H_
