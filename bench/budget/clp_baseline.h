// The baseline that an LP code gives: the same relaxation by Clp's dual simplex.
#ifndef TENURE_BENCH_BUDGET_CLP_BASELINE_H_
#define TENURE_BENCH_BUDGET_CLP_BASELINE_H_

#include "server/budget/planner.h"

namespace tenure::budget {

struct ClpResult {
  double objective = 0;
  double seconds = 0;  // of the simplex alone
};

// The linear relaxation of nested budgets without floors.
ClpResult SolveWithClp(const PlanInput& input);

}  // namespace tenure::budget

#endif  // TENURE_BENCH_BUDGET_CLP_BASELINE_H_
