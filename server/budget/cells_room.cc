#include "server/budget/cells_room.h"

#include <algorithm>

#include "server/budget/cells_check.h"

namespace tenure::budget {

CellsRoom::CellsRoom(const CellsInput& input, const std::vector<int64_t>& amounts)
    : input_(&input), spent_(input.groups.size() + 1, 0), limited_(input.limits.size(), 0) {
  const auto slot = [&](int32_t group) -> int64_t& {
    return group < 0 ? spent_.back() : spent_[static_cast<size_t>(group)];
  };
  for (size_t i = 0; i < amounts.size(); ++i) slot(input.cells[i].group) += amounts[i];
  for (const size_t g : ChildrenFirst(input.groups)) {
    slot(input.groups[g].parent) += std::max(spent_[g], input.groups[g].floor_micros);
  }
  if (input.limits.empty()) return;
  limits_of_.resize(input.cells.size());
  for (size_t l = 0; l < input.limits.size(); ++l) {
    for (const int32_t cell : input.limits[l].cells) {
      limits_of_[static_cast<size_t>(cell)].push_back(static_cast<int32_t>(l));
      limited_[l] += amounts[static_cast<size_t>(cell)];
    }
  }
}

int64_t CellsRoom::Reserved(size_t group) const {
  return std::max<int64_t>(0, input_->groups[group].floor_micros - spent_[group]);
}

int64_t CellsRoom::MoreWithin(size_t cell, int32_t within) const {
  int64_t more = kUncapped;
  int64_t reserved = 0;  // that the groups below have already taken for their floors
  for (int32_t g = input_->cells[cell].group; g >= 0;) {
    const CellGroup& group = input_->groups[static_cast<size_t>(g)];
    const int64_t spent = spent_[static_cast<size_t>(g)];
    if (group.cap_micros != kUncapped) more = std::min(more, group.cap_micros - spent + reserved);
    reserved += Reserved(static_cast<size_t>(g));
    if (g == within) break;
    g = group.parent;
  }
  more = std::min(more, within < 0 ? left() + reserved : reserved);
  if (limits_of_.empty()) return more;
  for (const int32_t l : limits_of_[cell]) {
    const auto at = static_cast<size_t>(l);
    more = std::min(more, input_->limits[at].cap_micros - limited_[at]);
  }
  return more;
}

int64_t CellsRoom::Least() const {
  int64_t least = left();
  for (size_t g = 0; g < input_->groups.size(); ++g) {
    if (input_->groups[g].cap_micros == kUncapped) continue;
    least = std::min(least, input_->groups[g].cap_micros - spent_[g]);
  }
  for (size_t l = 0; l < limited_.size(); ++l) {
    least = std::min(least, input_->limits[l].cap_micros - limited_[l]);
  }
  return least;
}

void CellsRoom::Add(size_t cell, int64_t micros) {
  if (!limits_of_.empty()) {
    for (const int32_t l : limits_of_[cell]) limited_[static_cast<size_t>(l)] += micros;
  }
  for (int32_t g = input_->cells[cell].group; g >= 0 && micros != 0;) {
    const CellGroup& group = input_->groups[static_cast<size_t>(g)];
    int64_t& spent = spent_[static_cast<size_t>(g)];
    const int64_t before = std::max(spent, group.floor_micros);
    spent += micros;
    micros = std::max(spent, group.floor_micros) - before;
    g = group.parent;
  }
  spent_.back() += micros;
}

}  // namespace tenure::budget
