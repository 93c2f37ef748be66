// Plans for people.
#ifndef TENURE_CLIENTS_CLI_PLAN_TABLE_H_
#define TENURE_CLIENTS_CLI_PLAN_TABLE_H_

#include "tenure/v1/budget_service.pb.h"

namespace tenure::cli {

// To standard output: the envelopes, why each segment got what it got, how sure that is.
void PrintPlan(const tenure::v1::Plan& plan);
// A line a plan.
void PrintPlans(const tenure::v1::ListPlansResponse& list);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_PLAN_TABLE_H_
