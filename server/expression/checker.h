// Names, functions and types, before evaluation: gradual, since what a variable of type dyn holds
// is known only then.
#ifndef TENURE_SERVER_EXPRESSION_CHECKER_H_
#define TENURE_SERVER_EXPRESSION_CHECKER_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "server/expression/node.h"
#include "server/expression/problem.h"

namespace tenure::expression {

// The variables an expression may name; names may be dotted. Read-only while checking.
struct Declarations {
  absl::flat_hash_map<std::string, StaticType> variables;
  // Rules: has(name) asks whether a variable has a value, and comparing types that can never be
  // equal is a problem instead of false. CEL alone: neither.
  bool rules = false;
};

// Resolves names (longest dotted variable first), macros' names, operations; sets Node::type.
// False with all problems appended. Thread-safe.
bool Check(Node* root, const Declarations& declarations, std::vector<Problem>* problems);

}  // namespace tenure::expression

#endif  // TENURE_SERVER_EXPRESSION_CHECKER_H_
