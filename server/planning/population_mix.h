// Who a budget is planned for, by budget segment, lifecycle stage and value tier, and how far that
// has moved.
#ifndef TENURE_SERVER_PLANNING_POPULATION_MIX_H_
#define TENURE_SERVER_PLANNING_POPULATION_MIX_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "server/batch/batch.h"
#include "server/customers/population.h"
#include "server/decision/world.h"
#include "server/journal/records.h"
#include "server/rules/rule_set.h"

namespace tenure::planning {

// Counts customers by segment, stage and tier. A value, not thread-safe; the rule set outlives it.
class PopulationMix {
 public:
  PopulationMix(const decision::World& world, int32_t budget);

  // Rows of features with their segments and profiles.
  void Add(const Batch& features, absl::Span<const uint8_t> segment_of,
           absl::Span<const customers::Profile> profiles);
  // Of the same world and budget.
  void Add(const PopulationMix& other);

  // Those with customers, by segment and stage as the rules order them, and tier.
  std::vector<journal::PlanShareRecord> Records() const;

 private:
  const decision::World* world_;
  const rules::Budget* budget_;
  size_t stages_;  // and one more for none
  std::vector<int64_t> customers_;
};

// The mix of everybody at `at_us`, or of every k-th customer where there are more than `at_most`.
// Reads no clock. Thread-safe.
std::vector<journal::PlanShareRecord> MixAt(const decision::World& world,
                                            const customers::Population& population, int32_t budget,
                                            int64_t at_us, uint32_t at_most);

struct MixChange {
  double share = 0;      // of the customers, who would have to move for the mix to be as it was
  double by_chance = 0;  // what that is on average where nothing moved, for as many as were counted
  std::string most;      // segment, stage and tier whose share changed most
  double most_before = 0, most_after = 0;
};

// The total variation distance between two mixes: half the sum of the shares' differences, in
// [0, 1]. By chance: of `after` as a sample of `before`, half the sum of the mean deviations of
// normal shares, sqrt(2 p (1 − p) / (π n)). Both have customers. Thread-safe.
MixChange CompareMixes(absl::Span<const journal::PlanShareRecord> before,
                       absl::Span<const journal::PlanShareRecord> after);

}  // namespace tenure::planning

#endif  // TENURE_SERVER_PLANNING_POPULATION_MIX_H_
