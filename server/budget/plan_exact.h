// The best integer plan of few customers, with the proof that none is better.
#ifndef TENURE_SERVER_BUDGET_PLAN_EXACT_H_
#define TENURE_SERVER_BUDGET_PLAN_EXACT_H_

#include <functional>

#include "server/budget/plan_choice.h"

namespace tenure::budget {

// Makes `plan` the best there is and returns true; or leaves it as it was and returns false where
// that takes more than `states` partial plans, or it is stopped. For separable problems.
//
// A plan is worth the bound less its losses (plan_search.h), so with a plan at hand only offers and
// partial plans that lose less than it does matter. From the leaves up every node keeps the partial
// plans that none beats in both money and value. At a root these lists are items of a knapsack of
// their own, whose dual prices them anew: that bound has none of the rounding inside the nodes, and
// few partial plans are left to combine. The loss allowed is raised step by step (iterative
// deepening): the first plan found is then the best.
bool SolveExactly(const PlanProblem& problem, const PlanPrices& prices, double upper_bound,
                  size_t states, const std::function<bool()>& stop, PlanChoice* plan);

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_PLAN_EXACT_H_
