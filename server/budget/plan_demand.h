// Exact prices of nested budgets from what customers buy as the price of money falls.
#ifndef TENURE_SERVER_BUDGET_PLAN_DEMAND_H_
#define TENURE_SERVER_BUDGET_PLAN_DEMAND_H_

#include <vector>

#include "server/budget/plan_hull.h"
#include "server/budget/plan_problem.h"

namespace tenure::budget {

// Everybody's increments by the node they are charged to. For separable problems.
std::vector<std::vector<Increment>> IncrementsByNode(const PlanProblem& problem);

// What is charged at one node as a function of the price: the increments dearer than it.
class DemandCurve {
 public:
  explicit DemandCurve(std::vector<Increment> increments);  // in any order

  int64_t At(double price) const;

 private:
  std::vector<double> efficiency_;  // falling
  std::vector<int64_t> charge_;     // charged at any price below it
};

// One a node.
std::vector<DemandCurve> CurvesOf(std::vector<std::vector<Increment>> increments);

// The path prices that minimise the dual, for the tree's caps, floors and base and these curves.
// Its customers are not looked at.
std::vector<double> PricesOfTree(const PlanProblem& tree, const std::vector<DemandCurve>& curves);

// The lowest and the highest path price of each node, if what it uses may be so much (micros) more
// or less than the curves say.
struct PathRange {
  std::vector<double> low;
  std::vector<double> high;
};
PathRange PricesWithin(const PlanProblem& tree, const std::vector<DemandCurve>& curves,
                       const std::vector<double>& error);

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_PLAN_DEMAND_H_
