#include "server/budget/cells_check.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/base/status.h"
#include "server/budget/response_curve.h"

namespace tenure::budget {
namespace {

// Eight bytes of an id as a number, and where its cell stands.
struct Key {
  uint64_t bytes;
  uint32_t position;
};

// By their bytes, equal ones as they stand: byte by byte from the last, but those that all share.
void SortByBytes(std::vector<Key>* keys) {
  uint64_t differ = 0;
  for (const Key& key : *keys) differ |= key.bytes ^ keys->front().bytes;
  std::vector<Key> sorted(keys->size());
  for (int shift = 0; shift < 64; shift += 8) {
    if ((differ >> shift & 0xff) == 0) continue;
    std::array<uint32_t, 257> begin = {};
    for (const Key& key : *keys) ++begin[(key.bytes >> shift & 0xff) + 1];
    for (size_t b = 1; b < begin.size(); ++b) begin[b] += begin[b - 1];
    for (const Key& key : *keys) sorted[begin[key.bytes >> shift & 0xff]++] = key;
    keys->swap(sorted);
  }
}

// By ids, equal ones by position. Eight bytes after what all ids begin with decide nearly always.
std::vector<size_t> OrderById(const std::vector<Cell>& cells) {
  size_t common = cells.empty() ? 0 : cells[0].id.size();
  for (const Cell& cell : cells) {
    size_t same = 0;
    while (same < common && same < cell.id.size() && cell.id[same] == cells[0].id[same]) ++same;
    common = same;
  }
  std::vector<Key> keys;
  keys.reserve(cells.size());
  for (size_t i = 0; i < cells.size(); ++i) {
    const std::string& id = cells[i].id;
    uint64_t bytes = 0;
    for (size_t k = common; k < common + 8; ++k) {
      bytes = bytes << 8 | (k < id.size() ? static_cast<unsigned char>(id[k]) : 0u);
    }
    keys.push_back({bytes, static_cast<uint32_t>(i)});
  }
  SortByBytes(&keys);
  for (auto run = keys.begin(); run != keys.end();) {
    const auto end =
        std::find_if(run, keys.end(), [&](const Key& k) { return k.bytes != run->bytes; });
    if (end - run > 1) {
      std::stable_sort(run, end, [&](const Key& a, const Key& b) {
        return cells[a.position].id < cells[b.position].id;
      });
    }
    run = end;
  }
  std::vector<size_t> positions;
  positions.reserve(keys.size());
  for (const Key& key : keys) positions.push_back(key.position);
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
  return absl::OkStatus();
}

absl::Status CheckIds(absl::string_view field, const std::vector<absl::string_view>& ids) {
  absl::flat_hash_set<absl::string_view> seen;
  for (size_t i = 0; i < ids.size(); ++i) {
    if (seen.insert(ids[i]).second) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(field, "[", i, "].id: '", ids[i], "' stands twice"));
  }
  return absl::OkStatus();
}

absl::Status CheckGroups(const std::vector<CellGroup>& groups) {
  const auto count = static_cast<int32_t>(groups.size());
  std::vector<absl::string_view> ids;
  for (size_t g = 0; g < groups.size(); ++g) {
    const CellGroup& group = groups[g];
    const auto refuse = [g](absl::string_view what) {
      return absl::InvalidArgumentError(absl::StrCat("groups[", g, "]", what));
    };
    if (group.cap_micros < 0) return refuse(".cap_micros: is negative");
    if (group.floor_micros < 0 || group.floor_micros > group.cap_micros) {
      return refuse(".floor_micros: needs 0 <= floor <= cap");
    }
    if (group.parent < -1 || group.parent >= count) {
      return refuse(".parent: is not a position in groups");
    }
    ids.push_back(group.id);
  }
  if (const size_t ordered = ChildrenFirst(groups).size(); ordered < groups.size()) {
    std::vector<bool> reached(groups.size(), false);
    for (const size_t g : ChildrenFirst(groups)) reached[g] = true;
    const auto first = std::find(reached.begin(), reached.end(), false) - reached.begin();
    return absl::InvalidArgumentError(
        absl::StrCat("groups[", first, "].parent: the groups above form a cycle"));
  }
  return CheckIds("groups", ids);
}

absl::Status CheckLimits(const CellsInput& input) {
  const auto count = static_cast<int32_t>(input.cells.size());
  std::vector<absl::string_view> ids;
  for (size_t l = 0; l < input.limits.size(); ++l) {
    const CellLimit& limit = input.limits[l];
    const auto refuse = [l](absl::string_view what) {
      return absl::InvalidArgumentError(absl::StrCat("limits[", l, "]", what));
    };
    if (limit.cap_micros < 0) return refuse(".cap_micros: is negative");
    std::vector<bool> named(input.cells.size(), false);
    for (const int32_t cell : limit.cells) {
      if (cell < 0 || cell >= count) return refuse(".cells: names what is no position in cells");
      if (named[static_cast<size_t>(cell)]) return refuse(".cells: names a cell twice");
      named[static_cast<size_t>(cell)] = true;
    }
    ids.push_back(limit.id);
  }
  return CheckIds("limits", ids);
}

}  // namespace

absl::StatusOr<std::vector<size_t>> CheckCells(const CellsInput& input) {
  TENURE_RETURN_IF_ERROR(CheckFields(input));
  TENURE_RETURN_IF_ERROR(CheckGroups(input.groups));
  TENURE_RETURN_IF_ERROR(CheckLimits(input));
  std::vector<size_t> order = OrderById(input.cells);
  for (size_t k = 1; k < order.size(); ++k) {
    const std::string& id = input.cells[order[k]].id;
    if (id != input.cells[order[k - 1]].id) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("cells[", order[k], "].id: '", id, "' stands twice"));
  }
  return order;
}

std::vector<size_t> ChildrenFirst(const std::vector<CellGroup>& groups) {
  std::vector<size_t> waits(groups.size(), 0);  // for so many children
  for (const CellGroup& group : groups) {
    if (group.parent >= 0) ++waits[static_cast<size_t>(group.parent)];
  }
  std::vector<size_t> order;
  for (size_t g = 0; g < groups.size(); ++g) {
    if (waits[g] == 0) order.push_back(g);
  }
  for (size_t k = 0; k < order.size(); ++k) {
    const int32_t parent = groups[order[k]].parent;
    if (parent >= 0 && --waits[static_cast<size_t>(parent)] == 0) {
      order.push_back(static_cast<size_t>(parent));
    }
  }
  return order;
}

std::optional<CellConflict> FindCellConflict(const CellsInput& input) {
  __extension__ using Wide = __int128;
  const auto conflict = [](const std::string& node, Wide sum, int64_t cap) {
    return CellConflict{node, static_cast<int64_t>(std::min<Wide>(sum, kUncapped)), cap};
  };
  Wide all = 0;
  std::vector<Wide> needed(input.groups.size(), 0);
  for (const Cell& cell : input.cells) {
    (cell.group < 0 ? all : needed[static_cast<size_t>(cell.group)]) += cell.min_micros;
  }
  for (const size_t g : ChildrenFirst(input.groups)) {
    const CellGroup& group = input.groups[g];
    if (needed[g] > group.cap_micros) return conflict(group.id, needed[g], group.cap_micros);
    needed[g] = std::max<Wide>(needed[g], group.floor_micros);
    (group.parent < 0 ? all : needed[static_cast<size_t>(group.parent)]) += needed[g];
  }
  if (all > input.budget_micros) return conflict("total", all, input.budget_micros);
  for (const CellLimit& limit : input.limits) {
    Wide sum = 0;
    for (const int32_t cell : limit.cells) sum += input.cells[static_cast<size_t>(cell)].min_micros;
    if (sum > limit.cap_micros) return conflict(limit.id, sum, limit.cap_micros);
  }
  return std::nullopt;
}

}  // namespace tenure::budget
