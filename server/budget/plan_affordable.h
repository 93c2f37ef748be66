// Offers that no plan can hold.
#ifndef TENURE_SERVER_BUDGET_PLAN_AFFORDABLE_H_
#define TENURE_SERVER_BUDGET_PLAN_AFFORDABLE_H_

#include "server/budget/plan_problem.h"

namespace tenure::budget {

// Takes out the candidates that some cap on their path, or some limit across the tree, would not
// let through even if nobody else got anything; PlanProblem::never_fit names them. No integer plan
// has one, but fractions of them would raise the bound. The floors must fit (FindFloorConflict).
void DropWhatNeverFits(PlanProblem* problem);

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_PLAN_AFFORDABLE_H_
