// Why a condition came out as it did for one row.
#ifndef TENURE_SERVER_EXPRESSION_EXPLANATION_H_
#define TENURE_SERVER_EXPRESSION_EXPLANATION_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/expression/evaluator.h"
#include "server/expression/program.h"

namespace tenure::expression {

// The operands of the first part that decided the answer: of the first false comparison of an &&,
// the first true one of an ||, the first that is missing or fails where nothing decides. Literals
// are left out. `*missing` is the first name whose absence the answer comes from, or empty.
std::vector<Operand> Explain(const Node& node, absl::string_view text, const Activation& activation,
                             const Bounds& bounds, std::string* missing);

// A value for a reader: 3, 1.5, "West", true, 2018-01-03T00:00:00Z, 5400s, "missing".
std::string Display(const Value& value);

}  // namespace tenure::expression

#endif  // TENURE_SERVER_EXPRESSION_EXPLANATION_H_
