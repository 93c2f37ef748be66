#include "server/budget/plan_usage.h"

#include <algorithm>

#include "server/budget/plan_amount.h"

namespace tenure::budget {

TreeUsage::TreeUsage(const PlanProblem& tree) : tree_(tree), usage_(tree.base) {
  for (auto node = tree.top_down.rbegin(); node != tree.top_down.rend(); ++node) {
    const auto at = static_cast<size_t>(*node);
    if (tree.parent[at] < 0) continue;
    usage_[static_cast<size_t>(tree.parent[at])] += std::max(usage_[at], tree.floor[at]);
  }
}

bool TreeUsage::Use(int32_t node, int64_t micros) {
  int64_t more = micros;
  int32_t at = node;
  for (; at >= 0 && more > 0; at = tree_.parent[static_cast<size_t>(at)]) {
    const auto i = static_cast<size_t>(at);
    if (more > tree_.cap[i] - usage_[i]) break;
    const int64_t before = std::max(usage_[i], tree_.floor[i]);
    usage_[i] += more;
    more = std::max(usage_[i], tree_.floor[i]) - before;
  }
  if (at < 0 || more == 0) return true;
  // A cap further up refused: take back what was added below it.
  more = micros;
  for (int32_t undo = node; undo != at; undo = tree_.parent[static_cast<size_t>(undo)]) {
    const auto i = static_cast<size_t>(undo);
    const int64_t before = std::max(usage_[i], tree_.floor[i]);
    usage_[i] -= more;
    more = before - std::max(usage_[i], tree_.floor[i]);
  }
  return false;
}

void TreeUsage::Free(int32_t node, int64_t micros) {
  int64_t less = micros;
  for (int32_t at = node; at >= 0 && less > 0; at = tree_.parent[static_cast<size_t>(at)]) {
    const auto i = static_cast<size_t>(at);
    const int64_t before = std::max(usage_[i], tree_.floor[i]);
    usage_[i] -= less;
    less = before - std::max(usage_[i], tree_.floor[i]);
  }
}

std::vector<int64_t> RoomOnPaths(const PlanProblem& tree, const TreeUsage& usage) {
  std::vector<int64_t> room(tree.node_count());
  for (const int32_t node : tree.top_down) {
    const auto at = static_cast<size_t>(node);
    room[at] = tree.cap[at] - usage.at(node);
    const int32_t up = tree.parent[at];
    if (up < 0) continue;
    // What the parent has reserved for the node is not taken from the parent.
    const int64_t reserved = std::max<int64_t>(0, tree.floor[at] - usage.at(node));
    room[at] = std::min(room[at], AddCapped(room[static_cast<size_t>(up)], reserved));
  }
  return room;
}

}  // namespace tenure::budget
