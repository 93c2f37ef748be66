// Does a plan keep every cap? Asked of every plan before it is handed out, in plain integer
// arithmetic from the original input, with no code of the planner's.
#ifndef TENURE_SERVER_BUDGET_PLAN_VERIFIER_H_
#define TENURE_SERVER_BUDGET_PLAN_VERIFIER_H_

#include "absl/status/status.h"
#include "server/budget/planner.h"

namespace tenure::budget {

// INTERNAL naming the customer, budget or limit where the result contradicts the input: a choice
// that is not the customer's, spend that is not the sum of charges, a cap exceeded, an achieved
// value that is not the sum of values, or a bound below it. Thread-safe.
absl::Status VerifyPlan(const PlanInput& input, const PlanResult& result);

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_PLAN_VERIFIER_H_
