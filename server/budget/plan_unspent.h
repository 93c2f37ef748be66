// Why a budget of a plan was not spent to the last micro.
#ifndef TENURE_SERVER_BUDGET_PLAN_UNSPENT_H_
#define TENURE_SERVER_BUDGET_PLAN_UNSPENT_H_

#include <vector>

#include "server/budget/plan_choice.h"

namespace tenure::budget {

// By the smallest step that any customer below could still take to an offer of more value, whether
// it would fit or not. One pass over the candidates. Not thread-safe.
class UnspentReasons {
 public:
  // All stay the caller's; `problem` was built from `input`.
  UnspentReasons(const PlanInput& input, const PlanProblem& problem, const PlanChoice& plan);

  // `unspent`: of its cap; floors below may keep some of it.
  Unspent OfNode(size_t node, int64_t unspent) const;
  // Of a limit across the tree, `unspent` in micros or pieces.
  Unspent OfSide(size_t side, int64_t unspent) const;

 private:
  struct Steps {
    int64_t smallest = kUncapped;  // kUncapped: none
    bool any = false;              // somebody could have something
    void Add(int64_t step) { smallest = step < smallest ? step : smallest; }
  };

  void Look(uint32_t customer, const Candidate& candidate);

  const PlanProblem& problem_;
  const PlanChoice& plan_;
  std::vector<Steps> nodes_;
  std::vector<Steps> sides_;
};

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_PLAN_UNSPENT_H_
