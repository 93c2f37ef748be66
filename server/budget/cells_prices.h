// The prices of a split over cells, and what no split can exceed.
#ifndef TENURE_SERVER_BUDGET_CELLS_PRICES_H_
#define TENURE_SERVER_BUDGET_CELLS_PRICES_H_

#include <cstddef>
#include <vector>

#include "server/budget/cells.h"
#include "server/budget/cells_demand.h"

namespace tenure::budget {

// Groups form a tree. The price in a group is its parent's, held between two of its own: the lowest
// at which what it wants is within its cap, and the lowest at which it is within its floor, which
// is reserved for it and costs its parent no more. All are found from the lowest groups up. Limits
// across the groups have prices that are added; they are found in turn, each with all groups'
// again, until none moves: the dual falls with every turn, and bounds every split at any prices.
// Immutable; thread-safe.
class CellsPrices {
 public:
  // `input` and `modes` outlive it. `start`: a guess of the budget's price; 0: none.
  CellsPrices(const CellsInput& input, const std::vector<CellMode>& modes, double start);

  double budget() const { return price_; }
  // Beside its parent's.
  double Group(size_t group) const;
  double Limit(size_t limit) const { return limit_price_[limit]; }
  // What a unit costs a cell: its place's price and its limits'.
  double Of(size_t cell) const {
    return inside_[PlaceOf(cell)] + (beside_.empty() ? 0 : beside_[cell]);
  }

  // What each cell wants at `scale` times its place's price. At 1 no envelope is exceeded by more
  // than the last places of sums, where any price keeps it.
  std::vector<double> Demand(double scale) const;
  // The dual value, with its rounding margin.
  double Bound() const;

 private:
  struct Node {
    double cap = 0;  // infinite without
    double floor = 0;
    double cap_price = 0;    // within the cap from here on
    double floor_price = 0;  // within the floor from here on; infinite without one
    std::vector<size_t> children;
  };

  size_t PlaceOf(size_t cell) const {
    const int32_t group = input_.cells[cell].group;
    return group < 0 ? nodes_.size() - 1 : static_cast<size_t>(group);
  }
  // Of a place's cells and of what is below it, at a price inside it.
  double Wanted(size_t place, double price) const;
  // What a group takes from its parent, at its parent's price.
  double Taken(size_t group, double price) const;
  void FindGroupPrices();
  void FindInside();
  void FindLimitPrices();
  // The price of one limit, all groups' found anew for each that is tried.
  void FindLimitPrice(size_t limit);
  void SetLimitPrice(size_t limit, double price);
  double Limited(size_t limit) const;
  // Raises what is needed for every limit to hold at the groups' prices as they are.
  void HoldLimits();

  const CellsInput& input_;
  const CellsDemand demand_;
  const double budget_;
  std::vector<Node> nodes_;    // the groups, and the budget last
  std::vector<size_t> order_;  // children first
  double price_ = 0;
  std::vector<double> inside_;       // by place: the price in it
  std::vector<double> limit_price_;  // by limit
  std::vector<double> beside_;       // by cell, the sum of its limits' prices; empty without limits
};

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_CELLS_PRICES_H_
