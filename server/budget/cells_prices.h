// The prices of a split over cells, and what no split can exceed.
#ifndef TENURE_SERVER_BUDGET_CELLS_PRICES_H_
#define TENURE_SERVER_BUDGET_CELLS_PRICES_H_

#include <cstddef>
#include <vector>

#include "server/budget/cells.h"
#include "server/budget/cells_demand.h"
#include "server/budget/cells_stop.h"

namespace tenure::budget {

// Groups form a tree. The price in a group is its parent's, held between two of its own: the lowest
// at which what it wants is within its cap, and the lowest at which it is within its floor, which
// is reserved for it and costs its parent no more. All are found from the lowest groups up. Limits
// across the groups have prices that are added; they are found in turn, each with all groups'
// again, until none moves: the dual falls with every turn, and bounds every split at any prices.
// Prices are the lowest of those that bound as well: what one more unit brings. That is infinite
// where nothing is left for a cell whose curve begins with an infinite slope.
//
// Amounts are reckoned beyond what must be there anyway, minima and floors, so that little of much
// is as exact as much. Immutable; thread-safe.
class CellsPrices {
 public:
  // `input` and `modes` outlive it. `start`: a guess of the budget's price; 0: none. Stopped, the
  // prices of limits across hold, but bound less well.
  CellsPrices(const CellsInput& input, const std::vector<CellMode>& modes, double start,
              CellsStop* stop);

  double budget() const { return price_; }
  // Beside its parent's; -infinity beside an infinite one.
  double Group(size_t group) const;
  // What a unit costs in a group, or (-1) right below the budget.
  double Inside(int32_t group) const {
    return inside_[group < 0 ? nodes_.size() - 1 : static_cast<size_t>(group)];
  }
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
    double cap = 0;          // beyond what its cells and groups need; infinite without
    double floor = 0;        // likewise; 0 where they need as much
    bool unbounded = false;  // nothing beyond what is needed, and more would bring any price
    double cap_price = 0;    // within the cap from here on
    double floor_price = 0;  // within the floor from here on; infinite without one
    std::vector<size_t> children;
  };

  size_t PlaceOf(size_t cell) const {
    const int32_t group = input_.cells[cell].group;
    return group < 0 ? nodes_.size() - 1 : static_cast<size_t>(group);
  }
  void AddNodes();
  // Of a place's cells and of what is below it beyond what they need, at a price inside it.
  double Wanted(size_t place, double price) const;
  // What a group takes from its parent beyond need and floor, at its parent's price.
  double Taken(size_t group, double price) const;
  void FindGroupPrices();
  void FindInside();
  // What the dual adds to the values of what cells want.
  struct Slack {
    double value = 0;
    double size = 0;  // of what it is summed from
  };
  Slack GroupSlack(const std::vector<double>& demand) const;
  Slack LimitSlack(const std::vector<double>& demand) const;
  void FindLimitPrices(CellsStop* stop);
  // The price of one limit, all groups' found anew for each that is tried.
  void FindLimitPrice(size_t limit, CellsStop* stop);
  void SetLimitPrice(size_t limit, double price);
  // What its cells want beyond their minima.
  double Limited(size_t limit) const;
  // Raises what is needed for every limit to hold at the groups' prices as they are.
  void HoldLimits();

  const CellsInput& input_;
  const CellsDemand demand_;
  std::vector<Node> nodes_;    // the groups, and the budget last
  std::vector<size_t> order_;  // children first
  double price_ = 0;
  std::vector<double> limit_cap_;    // by limit, beyond minima; infinite without
  std::vector<double> inside_;       // by place: the price in it
  std::vector<double> limit_price_;  // by limit
  std::vector<double> beside_;       // by cell, the sum of its limits' prices; empty without limits
};

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_CELLS_PRICES_H_
