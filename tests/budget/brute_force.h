// The best plan of a tiny instance, by trying all of them.
#ifndef TENURE_TESTS_BUDGET_BRUTE_FORCE_H_
#define TENURE_TESTS_BUDGET_BRUTE_FORCE_H_

#include <set>
#include <vector>

#include "server/budget/planner.h"

namespace tenure::budget {

// Its value where the candidates at `given` have been given already, and use the budgets up; those
// at `barred` may not be given.
double BruteForceAfter(const PlanInput& input, const std::vector<size_t>& given,
                       const std::set<size_t>& barred);

}  // namespace tenure::budget

#endif  // TENURE_TESTS_BUDGET_BRUTE_FORCE_H_
