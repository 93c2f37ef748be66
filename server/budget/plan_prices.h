// Prices of the budgets: the minimum of the dual.
//
// With P the price along a path, y = P(node) - P(parent) and Q(candidate) its side prices, the dual
//   D = sum_nodes (max(y, 0) cap - max(-y, 0) floor) + sum_sides q cap
//     + sum_customers max(0, max_j value_j - P(node_j) charge_j - Q_j)
// bounds every plan from above for any P, q >= 0.
#ifndef TENURE_SERVER_BUDGET_PLAN_PRICES_H_
#define TENURE_SERVER_BUDGET_PLAN_PRICES_H_

#include <functional>
#include <vector>

#include "server/budget/plan_problem.h"

namespace tenure::budget {

struct PlanPrices {
  std::vector<double> path;  // per node, value per micro along the path; all >= 0
  std::vector<double> side;  // per side limit, value per micro or per piece; all >= 0
};

// Exact for separable problems. Otherwise node by node from the leaves, each against the others as
// they stand, until nothing moves; any outcome gives a valid bound. `stop` is asked between passes.
PlanPrices FindPlanPrices(const PlanProblem& problem, const std::function<bool()>& stop);

// value - P charge - Q.
double Score(const PlanProblem& problem, const PlanPrices& prices, size_t candidate);

// The dual value at these prices over all candidates, rounded up.
double UpperBound(const PlanProblem& problem, const PlanPrices& prices);

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_PLAN_PRICES_H_
