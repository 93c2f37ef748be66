// Ways of spending the same money on a shop whose truth is known (a simulated one): what does the
// plan earn beside doing nothing, the usual rules of thumb, and the Bayes oracle?
#ifndef TENURE_SERVER_PLANNING_STRATEGIES_H_
#define TENURE_SERVER_PLANNING_STRATEGIES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "server/batch/batch.h"
#include "server/clv/value_model.h"
#include "server/customers/population.h"
#include "server/decision/world.h"

namespace tenure::planning {

// What is true of one customer, whatever a model believes.
struct Truth {
  bool alive = false;
  double rate_per_day = 0;   // of purchases while alive
  double dropout = 0;        // probability to be gone after a purchase
  double order_revenue = 0;  // mean revenue of an order
  double order_margin = 0;   // mean margin of an order
};

// VALUE's features of such a customer, set in `features`, whose schema begins with the built-in
// ones.
void FillTruth(const Truth& truth, const clv::ValueOptions& options, size_t row, Batch* features);

inline constexpr char kNothing[] = "nothing";
inline constexpr char kPlan[] = "plan";
inline constexpr char kBayesOracle[] = "bayes oracle";

struct StrategyResult {
  std::string name;
  double value = 0;           // true expected net value of its choices, currency units
  double claimed = 0;         // what its own model expected of them; 0 where it has none
  int64_t charge_micros = 0;  // held: the most they can cost
  double expected_cost = 0;   // what they truly cost, expected
  int64_t offers = 0;
};

struct StrategiesRequest {
  std::string budget;
  int64_t at_us = 0;
  uint64_t seed = 1;  // of the random strategy
};

// Judges "nothing", "plan" (by `world`), "bayes oracle" (by `oracle`: the same rules with the model
// at its true parameters), "top clv", "lowest p_alive" and "random". The last three serve customers
// in their order until the budget is full, each with the eligible offer that is likeliest to be
// answered among those that hold no more than so much; how much is whatever turns out best. They
// know the budget's whole limit only, not those of its segments. Nobody serves a control group. The
// effects are the policies' own, taken as true: each policy is asked again with the truth in place
// of the model's features. `truth` is by customer, customer 1 first: INVALID_ARGUMENT when it does
// not cover everybody. Other errors as MakePlan's.
absl::StatusOr<std::vector<StrategyResult>> CompareStrategies(
    const decision::World& world, const decision::World& oracle,
    const customers::Population& population, absl::Span<const Truth> truth,
    const StrategiesRequest& request);

}  // namespace tenure::planning

#endif  // TENURE_SERVER_PLANNING_STRATEGIES_H_
