// P(alive) of very many customers.
#ifndef TENURE_SERVER_CLV_ALIVE_SHARES_H_
#define TENURE_SERVER_CLV_ALIVE_SHARES_H_

#include "absl/types/span.h"
#include "server/clv/purchase_model.h"

namespace tenure::clv {

// Fills out[i] with the model's PAlive at histories[i], to 1e-13. The spans have the same length,
// the histories the same frequency. Thread-safe.
void PAliveOfAll(const PurchaseModel& model, absl::Span<const History> histories,
                 absl::Span<double> out);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_ALIVE_SHARES_H_
