// Prices where customers choose between envelopes, or limits cross the tree.
#ifndef TENURE_SERVER_BUDGET_PLAN_PRICES_GENERAL_H_
#define TENURE_SERVER_BUDGET_PLAN_PRICES_GENERAL_H_

#include <functional>

#include "server/budget/plan_prices.h"

namespace tenure::budget {

// Node by node from the leaves, then limit by limit: the lowest price at which each fits while the
// others stand. A dearer envelope sends its customers to the others (they are gross substitutes),
// so that prices settle, typically within ten rounds; after thirty the best dual value is taken.
PlanPrices FindGeneralPrices(const PlanProblem& problem, const std::function<bool()>& stop);

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_PLAN_PRICES_GENERAL_H_
