// Instances that the planner's tests and its benchmark solve.
#ifndef TENURE_TESTS_BUDGET_PLAN_INSTANCES_H_
#define TENURE_TESTS_BUDGET_PLAN_INSTANCES_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "server/budget/packed_planner.h"
#include "server/budget/planner.h"

namespace tenure::budget {

// Customers in 20 segments of sizes ~ k^-0.7, lifetime values lognormal(4, 1), eight offers of cost
// 0.05 to 40 rounded to cents, value CLV p (1 - e^(-c / tau)) - c with noise and 8 % negative;
// segment budgets 5 to 40 % of the unconstrained spend, the global one 75 % of their sum.
PlanInput MakeCampaignInstance(uint32_t customers, uint64_t seed);

// The same instance packed: values rounded to floats, and as drawn where `with_originals`.
struct PackedInstance {
  PackedInput input;
  std::unique_ptr<PackedOffers> offers;
  std::vector<double> originals;
  std::vector<uint32_t> place;  // per customer
};
PackedInstance MakePackedCampaign(uint32_t customers, uint64_t seed, bool with_originals);

// A few customers under a few nested budgets, with what makes planners stumble: ties, offers that
// cost nothing or more than the budget, empty segments, negative values only, budgets of zero.
enum class TinyKind {
  kNested,  // each customer's offers are charged to one node
  kAcross,  // to any
  kCapped,  // and offers have limits in number, or in money across the tree
};
PlanInput MakeTinyInstance(uint64_t seed, TinyKind kind);

// The best value of any plan, by trying all of them.
double BruteForce(const PlanInput& input);

}  // namespace tenure::budget

#endif  // TENURE_TESTS_BUDGET_PLAN_INSTANCES_H_
