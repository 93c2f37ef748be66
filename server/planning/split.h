// How a budget is parted among its segments, in integers that sum to the whole.
#ifndef TENURE_SERVER_PLANNING_SPLIT_H_
#define TENURE_SERVER_PLANNING_SPLIT_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"

namespace tenure::planning {

// What each part may be at least and at most.
struct Bounds {
  int64_t min_micros = 0;
  int64_t max_micros = 0;
};

// Parts `total` ≥ 0 in proportion to the weights (finite, ≥ 0; all zero: equally) within the
// bounds, one a weight (weights are checked: a breach ends the process), by largest remainder, ties
// to the lowest index. The parts sum to `total` exactly where the bounds allow it (Σ min ≤ total ≤
// Σ max), else to the nearest they allow.
std::vector<int64_t> SplitByWeight(int64_t total, absl::Span<const double> weights,
                                   absl::Span<const Bounds> bounds);

}  // namespace tenure::planning

#endif  // TENURE_SERVER_PLANNING_SPLIT_H_
