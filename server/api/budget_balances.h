// Balances of envelopes, gathered into budgets.
#ifndef TENURE_SERVER_API_BUDGET_BALANCES_H_
#define TENURE_SERVER_API_BUDGET_BALANCES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "server/engine/engine.h"
#include "tenure/v1/budget_service.pb.h"

namespace tenure::api {

// One for each period of a budget, by (id, start), with its pace as of `now_us`: linear over the
// period. Thread-safe.
std::vector<tenure::v1::Budget> Budgets(const std::vector<engine::BudgetBalance>& balances,
                                        int64_t now_us, const std::string& currency);

// Sets target, pace and projected end: `share` of its money should be used by now, in [0, 1].
// Thread-safe.
void SetPace(double share, tenure::v1::Envelope* envelope);

}  // namespace tenure::api

#endif  // TENURE_SERVER_API_BUDGET_BALANCES_H_
