// What the customers would take of the budget until the period ends: the planner's candidates.
#ifndef TENURE_SERVER_PLANNING_DEMAND_H_
#define TENURE_SERVER_PLANNING_DEMAND_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "server/budget/planner.h"
#include "server/planning/appraisal.h"
#include "server/planning/contact_slots.h"

namespace tenure::planning {

// At most one candidate of a group is chosen. Where nothing is known of arrivals, each customer is
// a group, decided for once. Else each campaign of a customer is one, whose charges and values
// are those of its expected uses.
struct Demand {
  uint32_t groups = 0;
  std::vector<budget::Candidate> candidates;
  std::vector<uint32_t> source;    // by candidate: position in Appraisal::candidates
  std::vector<float> uses;         // by candidate
  std::vector<double> slot_price;  // by stage, those in none last; currency units
};

// Once each. `stages`: how many, with none.
Demand OnceEach(const Appraisal& appraisal, size_t stages);

// By what decisions will do at these prices: each customer's best campaigns come first, where a
// slot's price leaves anything. `path_price` is by budget segment, `slot_price` by stage.
Demand ByArrivals(const Appraisal& appraisal, const ContactSlots& slots,
                  absl::Span<const double> path_price, absl::Span<const double> slot_price);

}  // namespace tenure::planning

#endif  // TENURE_SERVER_PLANNING_DEMAND_H_
