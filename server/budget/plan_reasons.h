// Why every budget of a plan got what it got.
#ifndef TENURE_SERVER_BUDGET_PLAN_REASONS_H_
#define TENURE_SERVER_BUDGET_PLAN_REASONS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "server/budget/planner.h"

namespace tenure::budget {

// One customer going from one offer to a dearer one, or from none to one.
struct PlanStep {
  uint32_t customer = 0;
  int32_t from = -1;          // position in PlanInput::candidates, -1: none
  int32_t to = -1;            // the dearer one
  int64_t charge_micros = 0;  // what it takes more
  double value = 0;           // what it brings more, net of the side prices
  double value_per_unit = 0;  // of the currency; infinite where it takes nothing more
};

// Of the customers charged to the node or to one below it. Prices decide between the two steps:
// last_funded pays at least about path_price, best_unfunded at most about that; where what is left
// of a budget is smaller than what an offer takes they cross by a customer or two.
struct NodeReasons {
  double one_more_unit = 0;  // value that one more unit of the currency below the node would bring
  // Value that one unit less of the node's floor would bring.
  double floor_price = 0;
  std::optional<PlanStep> last_funded;    // the marginal value at the boundary
  std::optional<PlanStep> best_unfunded;  // the next to be bought with more money
  int64_t chosen = 0;                     // customers who get something
  int64_t customers = 0;                  // who could: with any candidate that adds value
};

// One a node. `result` is Solve()'s for `input`, from which nothing was changed since. One pass
// over the candidates. Thread-safe.
std::vector<NodeReasons> FindReasons(const PlanInput& input, const PlanResult& result);

// The same, one a side limit, of the customers whom it counts: steps that use more of it, their
// value net of every other price, value_per_unit per unit of the currency or per piece;
// one_more_unit is the limit's own price.
std::vector<NodeReasons> FindSideReasons(const PlanInput& input, const PlanResult& result);

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_PLAN_REASONS_H_
