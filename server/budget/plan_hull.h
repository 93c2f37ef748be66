// A customer's offers as the increments of their concave hull: what the customer buys as the price
// of money falls.
#ifndef TENURE_SERVER_BUDGET_PLAN_HULL_H_
#define TENURE_SERVER_BUDGET_PLAN_HULL_H_

#include <cstdint>
#include <vector>

#include "server/budget/plan_problem.h"

namespace tenure::budget {

// One step up: worth taking at every price below `efficiency`, value per micro.
struct Increment {
  double efficiency;
  int64_t charge;
};

// Appends the customer's increments, by falling efficiency, all > 0. `points` is scratch space.
void AppendIncrements(const PlanProblem& problem, uint32_t customer, std::vector<uint32_t>* points,
                      std::vector<Increment>* increments);

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_PLAN_HULL_H_
