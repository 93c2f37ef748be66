// Prices of nested budgets over packed offers: one pass over everybody in stages, and one at the
// prices that leaves a few undecided.
#ifndef TENURE_SERVER_BUDGET_PACKED_PRICES_H_
#define TENURE_SERVER_BUDGET_PACKED_PRICES_H_

#include <functional>
#include <vector>

#include "server/budget/packed_planner.h"
#include "server/budget/packed_sweep.h"
#include "server/budget/plan_problem.h"

namespace tenure::budget {

// Calls work(i) for i below `count` on so many threads, each i once.
void ForEach(int threads, size_t count, const std::function<void(size_t)>& work);

// Blocks [first, first + count) of one node: what one thread does at a time.
struct PackedChunk {
  uint32_t node;
  uint32_t first;
  uint32_t count;
};
std::vector<PackedChunk> ChunksOf(const PackedOffers& offers);

// What is known of everybody at the prices found.
struct PackedPrices {
  std::vector<double> path;  // per node, value per micro along the path
  // Everybody's dual value over all rows, in double, and everybody's largest values.
  double customers_value = 0;
  double largest_values = 0;
  std::vector<uint8_t> choice;  // per place: offer + 1 of the decided, 0 for none
  // The undecided as a problem: its base is what the decided take.
  PlanProblem undecided;
  std::vector<uint32_t> undecided_place;  // per customer of `undecided`
  double decided_value = 0;
  bool everybody = false;  // the decided choose the same at any price at all
  bool stopped = false;    // then nobody is undecided, and caps may be exceeded
  bool malformed = false;
};

// The price that minimises the dual, exactly unless stopped. Everybody is looked at in stages, few
// first: what a stage and those before it say brackets the prices of every node for the next, which
// keeps only the increments inside. The last bracket's increments give the prices. A second pass
// over all rows decides everybody but a few thousand near the prices, and sums the bound. A price
// that comes out at an end of its bracket costs another pass with a wider one. `tree` has no
// customers.
PackedPrices FindPackedPrices(const PlanProblem& tree, const PackedOffers& offers,
                              const PackedOptions& options, const std::function<bool()>& stop);

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_PACKED_PRICES_H_
