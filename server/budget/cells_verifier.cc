#include "server/budget/cells_verifier.h"

#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"

namespace tenure::budget {
namespace {

__extension__ using Wide = __int128;

absl::Status Wrong(absl::string_view where, absl::string_view what) {
  return absl::InternalError(absl::StrCat("split: ", where, ": ", what));
}

// What a group takes from above: of its cells, and of the groups in it as much as each takes, but
// no less than its floor. Groups are walked by their parents, each as often as it lies deep.
std::vector<Wide> Taken(const CellsInput& input, const std::vector<Wide>& own) {
  std::vector<int> depth(input.groups.size(), 0);
  int deepest = 0;
  for (size_t g = 0; g < depth.size(); ++g) {
    for (int32_t at = input.groups[g].parent; at >= 0;
         at = input.groups[static_cast<size_t>(at)].parent) {
      ++depth[g];
    }
    if (depth[g] > deepest) deepest = depth[g];
  }
  std::vector<Wide> taken = own;
  for (int level = deepest; level > 0; --level) {
    for (size_t g = 0; g < depth.size(); ++g) {
      if (depth[g] != level) continue;
      const Wide floor = input.groups[g].floor_micros;
      taken[static_cast<size_t>(input.groups[g].parent)] += taken[g] > floor ? taken[g] : floor;
    }
  }
  return taken;
}

}  // namespace

absl::Status VerifyCells(const CellsInput& input, const CellsResult& result) {
  if (result.amount.size() != input.cells.size()) return Wrong("amount", "not one per cell");
  Wide all = 0;
  std::vector<Wide> own(input.groups.size(), 0);
  for (size_t i = 0; i < input.cells.size(); ++i) {
    const Cell& cell = input.cells[i];
    const int64_t amount = result.amount[i];
    if (amount < cell.min_micros) return Wrong(cell.id, "below its minimum");
    if (amount > cell.max_micros) return Wrong(cell.id, "above its maximum");
    if (cell.group < 0) {
      all += amount;
    } else {
      own[static_cast<size_t>(cell.group)] += amount;
    }
  }
  const std::vector<Wide> taken = Taken(input, own);
  for (size_t g = 0; g < taken.size(); ++g) {
    const CellGroup& group = input.groups[g];
    if (taken[g] > group.cap_micros) return Wrong(group.id, "over its cap");
    if (group.parent < 0)
      all += taken[g] > group.floor_micros ? taken[g] : Wide{group.floor_micros};
  }
  if (all > input.budget_micros) return Wrong("budget", "the amounts and floors sum to more");
  for (const CellLimit& limit : input.limits) {
    Wide sum = 0;
    for (const int32_t cell : limit.cells) sum += result.amount[static_cast<size_t>(cell)];
    if (sum > limit.cap_micros) return Wrong(limit.id, "over its cap");
  }
  if (!std::isfinite(result.achieved) || !std::isfinite(result.upper_bound)) {
    return Wrong("value", "not a finite number");
  }
  if (!(result.upper_bound >= result.achieved * (1 - 1e-12))) {
    return Wrong("upper_bound", "below what was achieved");
  }
  return absl::OkStatus();
}

}  // namespace tenure::budget
