#include "server/budget/cells_verifier.h"

#include <vector>

#include "absl/strings/str_cat.h"

namespace tenure::budget {
namespace {

absl::Status Wrong(absl::string_view where, absl::string_view what) {
  return absl::InternalError(absl::StrCat("split: ", where, ": ", what));
}

}  // namespace

absl::Status VerifyCells(const CellsInput& input, const CellsResult& result) {
  if (result.amount.size() != input.cells.size()) return Wrong("amount", "not one per cell");
  __extension__ using Wide = __int128;
  Wide all = 0;
  std::vector<Wide> grouped(input.groups.size(), 0);
  for (size_t i = 0; i < input.cells.size(); ++i) {
    const Cell& cell = input.cells[i];
    const int64_t amount = result.amount[i];
    if (amount < cell.min_micros) return Wrong(cell.id, "below its minimum");
    if (amount > cell.max_micros) return Wrong(cell.id, "above its maximum");
    all += amount;
    if (cell.group >= 0) grouped[static_cast<size_t>(cell.group)] += amount;
  }
  for (size_t g = 0; g < grouped.size(); ++g) {
    if (grouped[g] > input.groups[g].cap_micros) return Wrong(input.groups[g].id, "over its cap");
  }
  if (all > input.budget_micros) return Wrong("budget", "the amounts sum to more");
  return absl::OkStatus();
}

}  // namespace tenure::budget
