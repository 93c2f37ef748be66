// The last per mille: a search among the plans near the prices.
#ifndef TENURE_SERVER_BUDGET_PLAN_SEARCH_H_
#define TENURE_SERVER_BUDGET_PLAN_SEARCH_H_

#include <functional>

#include "server/budget/plan_choice.h"

namespace tenure::budget {

// Improves the plan of a separable problem; leaves others alone. Every plan is worth the bound
// minus its losses: what each customer's offer is worth less than their best at the prices, plus
// price times what each budget leaves. So only offers that lose less than the present gap can be
// in a better plan; the search goes through their combinations, budget by budget from the leaves,
// keeping partial plans that no other one beats in both money and value, at most `states` of them
// at a time (a dynamic programme over the core: Pisinger 1995, "A minimal algorithm for the
// multiple-choice knapsack problem"). Starts with few and keeps more as long as the plan is worth
// less than the bound by more than `enough`. True when nothing was cut off: the plan is then
// optimal.
bool SearchPlan(const PlanProblem& problem, const PlanPrices& prices, double upper_bound,
                double enough, int64_t states, const std::function<bool()>& stop, PlanChoice* plan);

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_PLAN_SEARCH_H_
