// A plan, from its record to the contract.
#ifndef TENURE_SERVER_API_PLAN_CONVERSION_H_
#define TENURE_SERVER_API_PLAN_CONVERSION_H_

#include <string>

#include "absl/status/status.h"
#include "server/engine/engine.h"
#include "server/engine/plan_versions.h"
#include "server/journal/records.h"
#include "tenure/v1/budget_service.pb.h"

namespace tenure::api {

// ISO 4217 code of all amounts of this server; empty before the first rule set. Thread-safe.
std::string CurrencyOf(const engine::Engine& engine);

// A plan that may not be recorded. DATA_LOSS when the record's report can't be read. Thread-safe.
absl::Status ConvertPlan(const journal::PlanRecord& record, const std::string& currency,
                         tenure::v1::Plan* out);
// One that is. Likewise.
absl::Status ConvertPlan(const engine::PlanVersion& version, const std::string& currency,
                         tenure::v1::Plan* out);

}  // namespace tenure::api

#endif  // TENURE_SERVER_API_PLAN_CONVERSION_H_
