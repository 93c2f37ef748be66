// A plan's candidates in packed form, where they fit into it.
#ifndef TENURE_SERVER_BUDGET_PACKING_H_
#define TENURE_SERVER_BUDGET_PACKING_H_

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "server/budget/packed_planner.h"
#include "server/budget/plan_problem.h"

namespace tenure::budget {

// A customer's k-th candidate in PlanProblem is the k-th offer of their place.
struct Packing {
  static constexpr uint32_t kNoPlace = std::numeric_limits<uint32_t>::max();

  std::unique_ptr<PackedOffers> offers;
  std::vector<double> originals;  // empty where every value is a float already
  std::vector<uint32_t> place;    // per customer; kNoPlace: there is nothing to offer
  PackedInput input;              // of all these
};

// Nothing where it can't be: limits across the tree, customers charged to several nodes, more than
// PackedOffers::kMostOffers for one of them, values beyond floats, or charges that are not all
// multiples, up to PackedOffers::kMostCost, of one unit. Customers keep their order within a node.
std::optional<Packing> Pack(const std::vector<PlanNode>& nodes, const PlanProblem& problem);

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_PACKING_H_
