// What nested budgets have used, within their caps.
#ifndef TENURE_SERVER_BUDGET_PLAN_USAGE_H_
#define TENURE_SERVER_BUDGET_PLAN_USAGE_H_

#include <cstdint>
#include <vector>

#include "server/budget/plan_problem.h"

namespace tenure::budget {

// Integers only. A parent counts at least its children's floors. Not thread-safe.
class TreeUsage {
 public:
  // The tree's base alone, reserved money included; its customers are not looked at.
  explicit TreeUsage(const PlanProblem& tree);

  // Adds `micros` at the node; false, and nothing changed, when a cap is in the way.
  bool Use(int32_t node, int64_t micros);
  void Free(int32_t node, int64_t micros);
  int64_t at(int32_t node) const { return usage_[static_cast<size_t>(node)]; }

 private:
  const PlanProblem& tree_;
  std::vector<int64_t> usage_;
};

// More than this a customer's change can't take from the nodes on the path: floors below a common
// budget may leave less. What one customer takes first of all fits exactly where it is no more.
std::vector<int64_t> RoomOnPaths(const PlanProblem& tree, const TreeUsage& usage);

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_PLAN_USAGE_H_
