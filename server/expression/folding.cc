#include "server/expression/folding.h"

#include <algorithm>

#include "server/expression/evaluator.h"

namespace tenure::expression {
namespace {

std::optional<bool> FoldLogic(const Node& node, bool decisive, const Bounds& bounds) {
  bool all_known = true;
  for (const auto& argument : node.arguments) {
    const std::optional<bool> known = FoldCondition(*argument, bounds);
    if (known == decisive) return decisive;
    all_known = all_known && known.has_value();
  }
  if (all_known) return !decisive;
  return std::nullopt;
}

std::optional<bool> FoldConditional(const Node& node, const Bounds& bounds) {
  const std::optional<bool> condition = FoldCondition(*node.arguments[0], bounds);
  if (!condition) return std::nullopt;
  return FoldCondition(*node.arguments[*condition ? 1 : 2], bounds);
}

}  // namespace

bool IsClosed(const Node& node) {
  if (node.kind == NodeKind::kName) return node.local;
  return std::all_of(node.arguments.begin(), node.arguments.end(),
                     [](const auto& argument) { return IsClosed(*argument); });
}

std::optional<bool> FoldCondition(const Node& node, const Bounds& bounds) {
  if (IsClosed(node)) {
    const Value value = Evaluate(node, MapActivation({}), bounds);
    if (value.kind() != Kind::kBool) return std::nullopt;
    return value.AsBool();
  }
  if (node.kind != NodeKind::kCall) return std::nullopt;
  switch (node.operation) {
    case Operation::kAnd:
      return FoldLogic(node, false, bounds);
    case Operation::kOr:
      return FoldLogic(node, true, bounds);
    case Operation::kConditional:
      return FoldConditional(node, bounds);
    case Operation::kNot: {
      const std::optional<bool> known = FoldCondition(*node.arguments[0], bounds);
      if (known) return !*known;
      return std::nullopt;
    }
    default:
      return std::nullopt;
  }
}

}  // namespace tenure::expression
