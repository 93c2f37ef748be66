// Branch and bound for few customers under limits that cross the tree.
#ifndef TENURE_SERVER_BUDGET_PLAN_BRANCH_H_
#define TENURE_SERVER_BUDGET_PLAN_BRANCH_H_

#include <functional>

#include "server/budget/plan_choice.h"

namespace tenure::budget {

// Improves the plan by going through customers depth first, those with the most to lose first, each
// one's offers by falling score at the prices. A branch is left when its losses against the prices
// (plan_search.h) reach the gap of the best plan so far, or when not even everybody's largest value
// could beat it. True when all was seen within `steps` tries: the plan is then optimal.
bool BranchAndBound(const PlanProblem& problem, const PlanPrices& prices, double upper_bound,
                    int64_t steps, const std::function<bool()>& stop, PlanChoice* plan);

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_PLAN_BRANCH_H_
