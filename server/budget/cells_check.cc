#include "server/budget/cells_check.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/money.h"
#include "server/base/status.h"
#include "server/budget/response_curve.h"

namespace tenure::budget {
namespace {

// By ids, equal ones by position. Eight bytes after what all ids begin with, as a number, decide
// most comparisons.
std::vector<size_t> OrderById(const std::vector<Cell>& cells) {
  size_t common = cells.empty() ? 0 : cells[0].id.size();
  for (const Cell& cell : cells) {
    size_t same = 0;
    while (same < common && same < cell.id.size() && cell.id[same] == cells[0].id[same]) ++same;
    common = same;
  }
  std::vector<std::pair<uint64_t, size_t>> keys;
  keys.reserve(cells.size());
  for (size_t i = 0; i < cells.size(); ++i) {
    uint64_t key = 0;
    for (size_t k = common; k < common + 8; ++k) {
      key = key << 8 | (k < cells[i].id.size() ? static_cast<unsigned char>(cells[i].id[k]) : 0u);
    }
    keys.emplace_back(key, i);
  }
  std::sort(keys.begin(), keys.end(), [&](const auto& a, const auto& b) {
    if (a.first != b.first) return a.first < b.first;
    const int order = cells[a.second].id.compare(cells[b.second].id);
    return order != 0 ? order < 0 : a.second < b.second;
  });
  std::vector<size_t> positions;
  positions.reserve(keys.size());
  for (const auto& key : keys) positions.push_back(key.second);
  return positions;
}

absl::Status CheckFields(const CellsInput& input) {
  if (input.budget_micros < 0) return absl::InvalidArgumentError("budget_micros: is negative");
  for (size_t i = 0; i < input.cells.size(); ++i) {
    const Cell& cell = input.cells[i];
    const auto refuse = [i](absl::string_view what) {
      return absl::InvalidArgumentError(absl::StrCat("cells[", i, "]", what));
    };
    const absl::Status curve = CheckCurve(cell.curve);
    if (!curve.ok()) return refuse(absl::StrCat(".curve: ", curve.message()));
    if (cell.min_micros < 0 || cell.min_micros > cell.max_micros) {
      return refuse(": needs 0 <= min <= max");
    }
    if (cell.group < -1 || cell.group >= static_cast<int32_t>(input.groups.size())) {
      return refuse(".group: is not a position in groups");
    }
  }
  for (size_t g = 0; g < input.groups.size(); ++g) {
    if (input.groups[g].cap_micros < 0) {
      return absl::InvalidArgumentError(absl::StrCat("groups[", g, "].cap_micros: is negative"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<size_t>> CheckCells(const CellsInput& input) {
  TENURE_RETURN_IF_ERROR(CheckFields(input));
  std::vector<size_t> order = OrderById(input.cells);
  for (size_t k = 1; k < order.size(); ++k) {
    const std::string& id = input.cells[order[k]].id;
    if (id != input.cells[order[k - 1]].id) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("cells[", order[k], "].id: '", id, "' stands twice"));
  }
  return order;
}

std::string FindCellConflict(const CellsInput& input) {
  __extension__ using Wide = __int128;
  Wide all = 0;
  std::vector<Wide> grouped(input.groups.size(), 0);
  for (const Cell& cell : input.cells) {
    all += cell.min_micros;
    if (cell.group >= 0) grouped[static_cast<size_t>(cell.group)] += cell.min_micros;
  }
  const auto conflict = [](absl::string_view where, Wide sum, int64_t cap) {
    const auto total = static_cast<int64_t>(std::min<Wide>(sum, kUncapped));
    return absl::StrCat("the minima of ", where, " sum to ", FormatMicros(total), ", it has ",
                        FormatMicros(cap), ": ", FormatMicros(total - cap), " short");
  };
  for (size_t g = 0; g < grouped.size(); ++g) {
    if (grouped[g] > input.groups[g].cap_micros) {
      return conflict(absl::StrCat("'", input.groups[g].id, "'"), grouped[g],
                      input.groups[g].cap_micros);
    }
  }
  return all > input.budget_micros ? conflict("the budget", all, input.budget_micros) : "";
}

}  // namespace tenure::budget
