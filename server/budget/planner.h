// Which offer for which customer, under budgets nested in each other: choices, a price for every
// budget, and an upper bound that certifies them.
//
// The problem: at most one candidate per customer, maximise the sum of values; on every node the
// charges of the chosen candidates below it stay within its cap; a floor reserves money for its
// node, so that the parent sees max(spend, floor). The bound is weak duality, as in Fisher (1981),
// "The Lagrangian Relaxation Method for Solving Integer Programming Problems".
#ifndef TENURE_SERVER_BUDGET_PLANNER_H_
#define TENURE_SERVER_BUDGET_PLANNER_H_

#include <atomic>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tenure::budget {

inline constexpr int64_t kUncapped = std::numeric_limits<int64_t>::max();

struct PlanNode {
  std::string id;                  // unique
  int32_t parent = -1;             // position in PlanInput::nodes, any order; -1: a root
  int64_t cap_micros = kUncapped;  // >= 0
  int64_t floor_micros = 0;        // 0 <= floor <= cap: reserved, not spending that is forced
};

// A limit across the tree: over the charge, or the number, of chosen candidates of some offers.
struct SideLimit {
  enum class Measure { kChargeMicros, kCount };
  std::string id;  // unique among side limits
  Measure measure = Measure::kChargeMicros;
  int64_t cap = kUncapped;  // micros or a count, >= 0
  std::vector<int32_t> offers;
};

// One offer that one customer could get.
struct Candidate {
  uint32_t customer = 0;      // 0 <= customer < PlanInput::customers
  int32_t node = 0;           // the envelope it is charged to
  int32_t offer = 0;          // >= 0, unique within the customer; breaks ties, lowest first
  int64_t charge_micros = 0;  // >= 0, what it takes from its budgets
  double value = 0;           // net of its cost, finite, in units of the currency; may be negative
};

struct PlanInput {
  uint32_t customers = 0;
  std::vector<PlanNode> nodes;
  std::vector<Candidate> candidates;  // any order
  std::vector<SideLimit> side_limits;
};

struct PlanOptions {
  int64_t deadline_us = std::numeric_limits<int64_t>::max();  // on MonotonicUs()
  const std::atomic<bool>* cancel = nullptr;                  // looked at between passes
  int64_t search_states = 1'024;  // partial solutions kept by the last search; 0: no search
  int threads = 1;                // >= 1; the answer is the same
  // Path prices of an earlier plan, one a node (PlanResult::path_price): a large plan starts from
  // them. Empty: none. They change the time, never the prices found.
  std::vector<double> start_prices = {};
};

enum class PlanStatus { kOptimal, kCertified, kInfeasible };  // optimal: gap <= 1e-9
absl::string_view PlanStatusName(PlanStatus status);

enum class Unspent {
  kNone,              // spent to the last micro
  kAllAtMax,          // no customer below could take a dearer offer
  kNoPositiveSlope,   // nothing left below would add value
  kGranularity,       // what is left is smaller than what the next offer takes
  kReserved,          // a floor below keeps it
  kLimitedElsewhere,  // another budget on its path holds it back
};
absl::string_view UnspentName(Unspent reason);

struct PlanResult {
  PlanStatus status = PlanStatus::kCertified;
  std::vector<int32_t> choice;  // per customer: position in PlanInput::candidates, or -1
  double achieved = 0;          // units of the currency, from the original values
  double upper_bound = 0;       // no plan, not even a fractional one, is worth more
  double gap = 0;               // (upper_bound - achieved) / |upper_bound|
  // Value that one more unit of the currency would add: per node its own price (caps count plus,
  // floors minus), and the sum along its path. Arbitration scores
  //   value - path_price[node] * charge_micros / 1e6 - sum of side prices.
  std::vector<double> price;
  std::vector<double> path_price;
  std::vector<double> side_price;     // per unit of currency, or per piece for counts
  std::vector<int64_t> spend;         // per node, micros
  std::vector<int64_t> side_used;     // per side limit, micros or pieces
  std::vector<Unspent> unspent;       // per node, why cap - spend is left
  std::vector<Unspent> side_unspent;  // per side limit, why cap - side_used is left
  // An exhaustive search found nothing better: the best integer plan, however wide the gap to the
  // bound, which fractional plans may reach.
  bool proven = false;
  double seconds = 0;
  bool stopped = false;    // by the deadline or cancelled: the best so far, with its gap
  std::string infeasible;  // kInfeasible: nodes, sum of floors, cap, shortfall; choice is all -1
};

// Solves it. The same input gives the same answer in any order of candidates: choices are then
// positions in the given order. INVALID_ARGUMENT naming the field for values that are not finite,
// negative charges or caps, floor > cap, duplicate ids or offers, cycles, positions out of range.
// Thread-safe: shares nothing between calls.
absl::StatusOr<PlanResult> Solve(const PlanInput& input, const PlanOptions& options = {});

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_PLANNER_H_
