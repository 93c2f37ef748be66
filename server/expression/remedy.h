// What to write instead, where an expression is written as other languages would have it.
#ifndef TENURE_SERVER_EXPRESSION_REMEDY_H_
#define TENURE_SERVER_EXPRESSION_REMEDY_H_

#include <string>

#include "absl/strings/string_view.h"
#include "server/expression/node.h"

namespace tenure::expression {

// For a word of SQL or Python that CEL writes with a sign: "\"and\" is written &&"; else empty.
std::string WordRemedy(absl::string_view word);

// For a call, its arguments checked, whose types no overload takes; empty where the author's
// intent can't be told.
std::string OverloadRemedy(const Node& call);

}  // namespace tenure::expression

#endif  // TENURE_SERVER_EXPRESSION_REMEDY_H_
