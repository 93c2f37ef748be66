// The planner's own form of its input: checked, sorted, without candidates that add nothing.
#ifndef TENURE_SERVER_BUDGET_PLAN_PROBLEM_H_
#define TENURE_SERVER_BUDGET_PLAN_PROBLEM_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/budget/planner.h"

namespace tenure::budget {

// Candidates stand by (customer, offer), so that nothing below depends on the order of the input.
// Those without a positive value are left out: no price >= 0 makes them worth choosing, so neither
// the optimum nor the bound changes. Immutable once built.
struct PlanProblem {
  // Nodes, in the input's positions.
  std::vector<int32_t> parent;
  std::vector<int64_t> cap;
  std::vector<int64_t> floor;
  std::vector<int64_t> base;  // charged at the node itself already, by nobody below
  std::vector<std::vector<int32_t>> children;
  std::vector<int32_t> top_down;  // parents before children

  // Candidates; those of customer i are [first[i], first[i + 1]).
  uint32_t customers = 0;
  std::vector<uint32_t> first;
  std::vector<int64_t> charge;
  std::vector<double> value;
  std::vector<int32_t> node;
  std::vector<int32_t> offer;
  std::vector<int32_t> source;  // position in PlanInput::candidates
  // Positions in PlanInput::candidates of what was taken out because it fits no plan.
  std::vector<int32_t> never_fit;

  std::vector<SideLimit> side_limits;
  std::vector<std::vector<int32_t>> sides_of_offer;  // empty without side limits

  // Every customer's candidates are charged to one node, and no limit crosses the tree: then one
  // sweep from the leaves finds exact prices, and the search can be exhaustive.
  bool separable = true;

  size_t node_count() const { return parent.size(); }
  // The limits across the tree that count this candidate.
  const std::vector<int32_t>& SidesOf(size_t candidate) const {
    return SidesOfOffer(offer[candidate]);
  }
  const std::vector<int32_t>& SidesOfOffer(int32_t of) const;
  int64_t SideMeasure(int32_t side, size_t candidate) const {
    return side_limits[static_cast<size_t>(side)].measure == SideLimit::Measure::kCount
               ? 1
               : charge[candidate];
  }
};

// What every planner asks of its options; INVALID_ARGUMENT naming the field.
absl::Status CheckStart(int threads, const std::vector<double>& start_prices, size_t nodes);

// INVALID_ARGUMENT naming the field.
absl::StatusOr<PlanProblem> BuildPlanProblem(const PlanInput& input);

// Empty, or why floors can't all be reserved: nodes, sum of floors, cap, shortfall.
std::string FindFloorConflict(const PlanInput& input, const PlanProblem& problem);

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_PLAN_PROBLEM_H_
