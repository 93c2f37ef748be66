// What is done after rounding: the search that fits the size of the problem.
#ifndef TENURE_SERVER_BUDGET_PLAN_IMPROVE_H_
#define TENURE_SERVER_BUDGET_PLAN_IMPROVE_H_

#include <functional>

#include "server/budget/plan_choice.h"

namespace tenure::budget {

// Searches for a better plan, the more thoroughly the fewer customers; `states` as in
// plan_search.h, and so is `enough`. True when there is none.
bool ImprovePlan(const PlanProblem& problem, const PlanPrices& prices, double upper_bound,
                 double enough, int64_t states, const std::function<bool()>& stop,
                 PlanChoice* plan);

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_PLAN_IMPROVE_H_
