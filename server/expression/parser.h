// Text to tree, by CEL's grammar: https://github.com/google/cel-spec/blob/master/doc/langdef.md,
// "Syntax". Macros are recognised here, as the definition has it.
#ifndef TENURE_SERVER_EXPRESSION_PARSER_H_
#define TENURE_SERVER_EXPRESSION_PARSER_H_

#include <memory>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/expression/bounds.h"
#include "server/expression/node.h"
#include "server/expression/problem.h"

namespace tenure::expression {

// The tree, or null with problems appended. What CEL's grammar has and this subset hasn't (message
// construction, optional values) is a problem of kind kCheck that names it. Thread-safe.
std::unique_ptr<Node> Parse(absl::string_view text, const Bounds& bounds,
                            std::vector<Problem>* problems);

}  // namespace tenure::expression

#endif  // TENURE_SERVER_EXPRESSION_PARSER_H_
