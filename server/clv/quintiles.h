// RFM scores: quintiles of a population's values by nearest rank, and what ties do. One code for
// the server's customers and for files. ADR 0072.
#ifndef TENURE_SERVER_CLV_QUINTILES_H_
#define TENURE_SERVER_CLV_QUINTILES_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"

namespace tenure::clv {

inline constexpr size_t kQuintileEnds = 4;

// Upper ends of quintiles 1 to 4 of values in any order: quintile k ends at the ⌈k·n/5⌉-th
// smallest. Empty of no values. Thread-safe, as below.
std::vector<double> QuintileEnds(std::vector<double> values);

// 1 (worst) to 5 (best): the first quintile whose upper end is not below the value, counted from
// the best end where low is best. Ties share a score, that of the lower quintile of values.
int64_t RfmScore(double value, absl::Span<const double> quintile_ends, bool low_is_best);

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_QUINTILES_H_
