// What of an expression is known without any row.
#ifndef TENURE_SERVER_EXPRESSION_FOLDING_H_
#define TENURE_SERVER_EXPRESSION_FOLDING_H_

#include <optional>

#include "server/expression/bounds.h"
#include "server/expression/node.h"

namespace tenure::expression {

// Whether the node names no variable (macros' own names apart).
bool IsClosed(const Node& node);
// The truth of a condition that doesn't depend on any variable: `false && x > 1` is false.
std::optional<bool> FoldCondition(const Node& node, const Bounds& bounds);

}  // namespace tenure::expression

#endif  // TENURE_SERVER_EXPRESSION_FOLDING_H_
