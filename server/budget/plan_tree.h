// The prices of a tree of budgets from the demand below them.
#ifndef TENURE_SERVER_BUDGET_PLAN_TREE_H_
#define TENURE_SERVER_BUDGET_PLAN_TREE_H_

#include <algorithm>
#include <limits>
#include <vector>

#include "server/budget/plan_problem.h"

namespace tenure::budget {

// A node's own bounds on the price of the path to it: at `low` what is below it just fits its cap,
// above `high` it would not use its floor. Whatever the parent's price, the node's is that price
// brought into [low, high]: a binding cap lifts it, reserved money is not paid for twice.
struct PriceBounds {
  double low = 0;
  double high = std::numeric_limits<double>::infinity();
  double Bring(double parent_price) const { return std::clamp(parent_price, low, high); }
};

// Sets the prices of everything below `node`, whose own price stands.
inline void SetPricesBelow(const PlanProblem& problem, const std::vector<PriceBounds>& bounds,
                           int32_t node, std::vector<double>* path) {
  for (const int32_t child : problem.children[static_cast<size_t>(node)]) {
    (*path)[static_cast<size_t>(child)] =
        bounds[static_cast<size_t>(child)].Bring((*path)[static_cast<size_t>(node)]);
    SetPricesBelow(problem, bounds, child, path);
  }
}

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_PLAN_TREE_H_
