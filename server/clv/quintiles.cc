#include "server/clv/quintiles.h"

#include <algorithm>

namespace tenure::clv {

std::vector<double> QuintileEnds(std::vector<double> values) {
  std::vector<double> ends;
  if (values.empty()) return ends;
  std::sort(values.begin(), values.end());
  for (size_t k = 1; k <= kQuintileEnds; ++k) {
    ends.push_back(values[(k * values.size() + 4) / 5 - 1]);
  }
  return ends;
}

int64_t RfmScore(double value, absl::Span<const double> quintile_ends, bool low_is_best) {
  int64_t quintile = 1;
  for (const double end : quintile_ends) quintile += value > end ? 1 : 0;
  return low_is_best ? 6 - quintile : quintile;
}

}  // namespace tenure::clv
