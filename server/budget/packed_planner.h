// The planner for whole populations: nested budgets over packed offers.
#ifndef TENURE_SERVER_BUDGET_PACKED_PLANNER_H_
#define TENURE_SERVER_BUDGET_PACKED_PLANNER_H_

#include <atomic>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/budget/packed_offers.h"
#include "server/budget/packed_sweep.h"
#include "server/budget/planner.h"

namespace tenure::budget {

struct PackedInput {
  std::vector<PlanNode> nodes;           // as many as the offers have
  const PackedOffers* offers = nullptr;  // stays the caller's
  // Values that the packed ones are rounded from, by place * offers + offer: then bound and
  // achieved are theirs. Null: the packed values are the original ones.
  const double* originals = nullptr;
};

struct PackedOptions {
  int threads = 1;                                            // >= 1; the answer is the same
  int64_t deadline_us = std::numeric_limits<int64_t>::max();  // on MonotonicUs()
  const std::atomic<bool>* cancel = nullptr;                  // looked at between passes
  int64_t search_states = 1'024;  // as PlanOptions', spent only where the gap is worth it
  // Path prices of an earlier plan, value per unit of currency, one a node: they bracket the new
  // ones in place of the sample. Empty: none. They change the time, never the prices found.
  std::vector<double> start_prices = {};
  SweepCode code = BestSweepCode();
};

struct PackedResult {
  PlanStatus status = PlanStatus::kCertified;
  std::vector<uint8_t> choice;  // per place: offer + 1, 0 for none
  double achieved = 0;
  double upper_bound = 0;
  double gap = 0;
  std::vector<double> price;  // as PlanResult's
  std::vector<double> path_price;
  std::vector<int64_t> spend;
  std::vector<Unspent> unspent;
  bool proven = false;
  double seconds = 0;
  bool stopped = false;
  std::string infeasible;
  uint32_t undecided = 0;  // customers whose offers were sorted and searched
};

// Solves it, as Solve() does (planner.h) but in two passes over the rows: at most one offer a
// customer, at most one node a customer. Besides the input it takes a byte a customer and what the
// undecided need. INVALID_ARGUMENT naming the field. The same input gives the same bytes for any
// number of threads and either code. Thread-safe: shares nothing between calls.
absl::StatusOr<PackedResult> SolvePacked(const PackedInput& input,
                                         const PackedOptions& options = {});

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_PACKED_PLANNER_H_
