// What room a split leaves in every envelope, in whole micros.
#ifndef TENURE_SERVER_BUDGET_CELLS_ROOM_H_
#define TENURE_SERVER_BUDGET_CELLS_ROOM_H_

#include <cstdint>
#include <vector>

#include "server/budget/cells.h"

namespace tenure::budget {

// A group takes from its parent what its cells got, and no less than its floor. Not thread-safe;
// the input outlives it.
class CellsRoom {
 public:
  CellsRoom(const CellsInput& input, const std::vector<int64_t>& amounts);

  // Of the budget, beyond amounts and floors; less than 0 where they exceed it.
  int64_t left() const { return input_->budget_micros - spent_.back(); }
  // What a group's floor reserves beyond what its cells got and floors below it reserve.
  int64_t Reserved(size_t group) const;
  int64_t BelowCap(size_t group) const { return input_->groups[group].cap_micros - spent_[group]; }
  // How much more a cell can get, whatever its own maximum; less than 0 where an envelope above it
  // is exceeded.
  int64_t More(size_t cell) const { return MoreWithin(cell, -1); }
  // The same of what the floors up to that of `group`, one above the cell, reserve; -1: of all.
  int64_t MoreWithin(size_t cell, int32_t group) const;
  // The smallest room of all envelopes.
  int64_t Least() const;
  // A cell gets so much more, or less; limits may be exceeded by it.
  void Add(size_t cell, int64_t micros);

 private:
  const CellsInput* input_;
  std::vector<int64_t> spent_;  // by group, the budget last; of floors below it too
  std::vector<int64_t> limited_;
  std::vector<std::vector<int32_t>> limits_of_;  // by cell; empty where there are no limits
};

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_CELLS_ROOM_H_
