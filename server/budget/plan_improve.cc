#include "server/budget/plan_improve.h"

#include "server/budget/plan_branch.h"
#include "server/budget/plan_exact.h"
#include "server/budget/plan_search.h"

namespace tenure::budget {
namespace {

constexpr uint32_t kFewCustomers = 2'000;         // with more, only a search near the prices
constexpr size_t kExactStates = size_t{1} << 21;  // partial plans kept to prove a plan best
constexpr int64_t kBranchSteps = 2'000'000;

}  // namespace

bool ImprovePlan(const PlanProblem& problem, const PlanPrices& prices, double upper_bound,
                 double enough, int64_t states, const std::function<bool()>& stop,
                 PlanChoice* plan) {
  if (!problem.separable) {
    return problem.customers <= kFewCustomers &&
           BranchAndBound(problem, prices, upper_bound, kBranchSteps, stop, plan);
  }
  if (SearchPlan(problem, prices, upper_bound, enough, states, stop, plan)) return true;
  return problem.customers <= kFewCustomers && !stop() &&
         SolveExactly(problem, prices, upper_bound, kExactStates, stop, plan);
}

}  // namespace tenure::budget
