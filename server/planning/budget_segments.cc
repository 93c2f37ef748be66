#include "server/planning/budget_segments.h"

#include <algorithm>
#include <numeric>

#include "absl/types/span.h"

namespace tenure::planning {

void AssignSegments(const rules::Budget& budget, const Batch& features,
                    std::vector<uint8_t>* segment_of) {
  const auto count = static_cast<uint32_t>(features.rows());
  const auto otherwise = static_cast<uint8_t>(budget.segments.size() - 2);
  segment_of->assign(count, otherwise);
  std::vector<uint32_t> open(count);
  std::iota(open.begin(), open.end(), 0);
  std::vector<expression::Truth> truths;
  for (uint8_t s = 0; s < otherwise && !open.empty(); ++s) {
    const rules::Condition& when = budget.segments[s].when;
    truths.resize(open.size());
    if (when.program == nullptr) {
      std::fill(truths.begin(), truths.end(), expression::Truth::kTrue);
    } else {
      when.program->Test(features, open, absl::MakeSpan(truths));
    }
    size_t kept = 0;
    for (size_t i = 0; i < open.size(); ++i) {
      if (truths[i] == expression::Truth::kTrue) {
        (*segment_of)[open[i]] = s;
      } else {
        open[kept++] = open[i];
      }
    }
    open.resize(kept);
  }
}

}  // namespace tenure::planning
