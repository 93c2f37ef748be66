// Exact prices of nested budgets from what customers buy as the price of money falls.
#ifndef TENURE_SERVER_BUDGET_PLAN_DEMAND_H_
#define TENURE_SERVER_BUDGET_PLAN_DEMAND_H_

#include <vector>

#include "server/budget/plan_hull.h"
#include "server/budget/plan_problem.h"

namespace tenure::budget {

// Everybody's increments by the node they are charged to. For separable problems.
std::vector<std::vector<Increment>> IncrementsByNode(const PlanProblem& problem);

// The path prices that minimise the dual, for the tree's caps, floors and base and these increments
// a node, in any order. Its customers are not looked at.
std::vector<double> PricesOfTree(const PlanProblem& tree,
                                 std::vector<std::vector<Increment>> increments);

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_PLAN_DEMAND_H_
