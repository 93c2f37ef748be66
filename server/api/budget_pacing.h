// What paces budgets, for their readers.
#ifndef TENURE_SERVER_API_BUDGET_PACING_H_
#define TENURE_SERVER_API_BUDGET_PACING_H_

#include <cstdint>
#include <vector>

#include "server/engine/pacing_status.h"
#include "tenure/v1/budget_service.pb.h"

namespace tenure::api {

// Sets `pacing` of the periods that run of budgets that are paced, and their envelopes' pace by the
// curve. Thread-safe.
void SetPacing(const std::vector<engine::PacingStatus>& statuses, int64_t now_us,
               std::vector<tenure::v1::Budget>* budgets);

}  // namespace tenure::api

#endif  // TENURE_SERVER_API_BUDGET_PACING_H_
