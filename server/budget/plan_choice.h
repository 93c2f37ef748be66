// An integer plan under construction: who gets what, and what every budget has used.
#ifndef TENURE_SERVER_BUDGET_PLAN_CHOICE_H_
#define TENURE_SERVER_BUDGET_PLAN_CHOICE_H_

#include <functional>
#include <vector>

#include "server/budget/plan_prices.h"
#include "server/budget/plan_usage.h"

namespace tenure::budget {

// Integers only; within every cap after each accepted move. Not thread-safe.
class PlanChoice {
 public:
  static constexpr int64_t kNone = -1;

  explicit PlanChoice(const PlanProblem& problem);

  // Moves the customer to the candidate (kNone: to nothing) if every cap on the way holds.
  bool Move(uint32_t customer, int64_t candidate);

  int64_t chosen(uint32_t customer) const { return chosen_[customer]; }
  // Charges below the node, where children count at least their floors.
  int64_t usage(int32_t node) const { return usage_.at(node); }
  const TreeUsage& usage() const { return usage_; }
  int64_t side_used(size_t side) const { return side_used_[side]; }
  double value(uint32_t customer) const;
  // Sum over customers in their order, compensated.
  double TotalValue() const;

 private:
  bool Add(size_t candidate);
  void Remove(size_t candidate);

  const PlanProblem& problem_;
  std::vector<int64_t> chosen_;
  TreeUsage usage_;
  std::vector<int64_t> side_used_;
};

// A plan from prices: everybody's best candidate, those whom a cap stops by what they would lose
// least, then, unless stopped, whatever still fits and adds value.
void RoundPlan(const PlanProblem& problem, const PlanPrices& prices,
               const std::function<bool()>& stop, PlanChoice* plan);

// Gives what fits to who gains by it, the smallest loss against the prices first. Returns whether
// anything changed.
bool FillPlan(const PlanProblem& problem, const PlanPrices& prices, PlanChoice* plan);

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_PLAN_CHOICE_H_
