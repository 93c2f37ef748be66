#include "server/planning/split.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "server/base/status.h"

namespace tenure::planning {
namespace {

// Largest remainder over the parts listed in `open`.
void Apportion(int64_t total, absl::Span<const double> weights, const std::vector<size_t>& open,
               std::vector<int64_t>* parts) {
  double sum = 0;
  for (const size_t i : open) sum += weights[i];
  std::vector<double> remainder(weights.size(), 0);
  int64_t given = 0;
  for (const size_t i : open) {
    const double share = sum > 0 ? weights[i] / sum : 1.0 / static_cast<double>(open.size());
    const double exact = static_cast<double>(total) * share;
    (*parts)[i] = std::min(static_cast<int64_t>(std::floor(exact)), total - given);
    remainder[i] = exact - static_cast<double>((*parts)[i]);
    given += (*parts)[i];
  }
  std::vector<size_t> order = open;
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return remainder[a] > remainder[b]; });
  for (size_t k = 0; given < total; k = (k + 1) % order.size()) {
    ++(*parts)[order[k]];
    ++given;
  }
}

}  // namespace

std::vector<int64_t> SplitByWeight(int64_t total, absl::Span<const double> weights,
                                   absl::Span<const Bounds> bounds) {
  TENURE_CHECK(weights.size() == bounds.size());
  for (const double weight : weights) TENURE_CHECK(std::isfinite(weight) && weight >= 0);
  std::vector<int64_t> parts(weights.size(), 0);
  std::vector<size_t> open(weights.size());
  std::iota(open.begin(), open.end(), 0);
  // Parts beyond a bound are fixed there, the side that is further out first, and the rest shared
  // anew: at most one round a part.
  while (!open.empty()) {
    Apportion(std::max<int64_t>(total, 0), weights, open, &parts);
    int64_t below = 0, above = 0;
    for (const size_t i : open) {
      below += std::max<int64_t>(0, bounds[i].min_micros - parts[i]);
      above += std::max<int64_t>(0, parts[i] - bounds[i].max_micros);
    }
    if (below == 0 && above == 0) break;
    const bool raise = below >= above;
    std::vector<size_t> still;
    for (const size_t i : open) {
      const int64_t fixed = raise ? bounds[i].min_micros : bounds[i].max_micros;
      const bool beyond = raise ? parts[i] < fixed : parts[i] > fixed;
      if (!beyond) {
        still.push_back(i);
        continue;
      }
      parts[i] = fixed;
      total -= fixed;
    }
    open = still;
  }
  return parts;
}

}  // namespace tenure::planning
