// What passes over packed offers have left open: the demand between two prices of each node.
#ifndef TENURE_SERVER_BUDGET_PACKED_DEMAND_H_
#define TENURE_SERVER_BUDGET_PACKED_DEMAND_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "server/budget/packed_increments.h"
#include "server/budget/packed_offers.h"
#include "server/budget/packed_sweep.h"
#include "server/budget/plan_demand.h"
#include "server/budget/plan_problem.h"

namespace tenure::budget {

// One node's customers as passes left them.
struct NodeDemand {
  PriceRange range;  // of a unit of cost
  double value = 0;  // of the decided
  int64_t cost = 0;
  int64_t cost_low = 0;  // of the undecided at the ends of the range
  int64_t cost_high = 0;
  // What the undecided could add between the ends, by the pass and part that found it.
  std::vector<std::vector<PackedIncrement>> parts;
  uint32_t blocks = 0;  // looked at so far
  double square = 0;    // mean of what a customer is charged, squared, micros

  void Add(const SweepTotals& totals, std::vector<PackedIncrement> increments);
  size_t Count() const;  // increments
  // The same with a narrower range: what is dearer is bought, what is cheaper is not. `unit`:
  // micros of a unit of cost.
  NodeDemand Narrowed(const PriceRange& to, double unit) const;
};

// The demand of every node of a tree of budgets. While only some blocks were looked at, those stand
// for all. Prices are path prices, value per micro, one a node. Not thread-safe.
class PackedDemand {
 public:
  static constexpr size_t kAllIncrements = std::numeric_limits<size_t>::max();

  // Both stay the caller's; the tree has no customers.
  PackedDemand(const PlanProblem& tree, const PackedOffers& offers);

  // Nobody was looked at yet.
  void Start(const std::vector<PriceRange>& ranges);
  NodeDemand& node(size_t node) { return nodes_[node]; }
  const NodeDemand& node(size_t node) const { return nodes_[node]; }
  std::vector<PriceRange> Ranges() const;
  // What is left to the undecided, if the decided take what they do.
  std::vector<int64_t> BaseOfDecided() const;

  // Narrows the ranges to where the prices over everybody must be, up to four deviations of what is
  // known of at most `most` increments; with kAllIncrements it first measures how much customers
  // differ. Returns the prices of those who were looked at.
  std::vector<double> Narrow(size_t most);

  // The exact prices of those who were looked at, provided that they are inside the ranges.
  std::vector<double> FindPrices();
  // Whether each price is inside its range: then it is the one over everybody.
  bool AllInside(const std::vector<double>& prices) const;
  // The ranges, made wider where the price is not inside.
  std::vector<PriceRange> Widened(const std::vector<double>& prices) const;
  // Ranges around the prices that leave a few thousand customers undecided.
  std::vector<PriceRange> Near(const std::vector<double>& prices) const;

 private:
  // Some of the increments: they have the shape of the demand between two ends that are known.
  struct Sample {
    std::vector<DemandCurve> curves;
    std::vector<double> squares;  // per node: how far its usage may be off
  };

  uint32_t BlocksOf(size_t node) const;
  double Weight(size_t node) const;
  size_t Count() const;
  std::vector<int64_t> BaseOfBought() const;
  std::vector<std::vector<Increment>> Charged(const std::vector<std::vector<PackedIncrement>>& of,
                                              const std::vector<double>& weight) const;
  void AddUpwards(size_t node, double amount, std::vector<double>* sums) const;
  void MeasureCharges(const std::vector<double>& prices);
  Sample Draw(size_t most) const;
  std::vector<double> SortIncrements() const;
  bool Inside(size_t node, double price) const;

  const PlanProblem& tree_;
  const PackedOffers& offers_;
  const double unit_;
  std::vector<NodeDemand> nodes_;
};

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_PACKED_DEMAND_H_
