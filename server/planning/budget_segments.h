// Whose money is whose: the segment of a budget that each customer belongs to by its conditions.
#ifndef TENURE_SERVER_PLANNING_BUDGET_SEGMENTS_H_
#define TENURE_SERVER_PLANNING_BUDGET_SEGMENTS_H_

#include <cstdint>
#include <vector>

#include "server/batch/batch.h"
#include "server/rules/rule_set.h"

namespace tenure::planning {

// By row, the first segment whose condition holds; the last but one is the `else`. The last,
// unplanned, is nobody's. Thread-safe.
void AssignSegments(const rules::Budget& budget, const Batch& features,
                    std::vector<uint8_t>* segment_of);

}  // namespace tenure::planning

#endif  // TENURE_SERVER_PLANNING_BUDGET_SEGMENTS_H_
