// A policy's parameters as canonical JSON: keys sorted, numbers typed by YAML's core schema, no
// white space; the same parameters are the same bytes however they were laid out.
#ifndef TENURE_SERVER_RULES_CANONICAL_JSON_H_
#define TENURE_SERVER_RULES_CANONICAL_JSON_H_

#include <string>

#include "absl/strings/string_view.h"
#include "server/rules/node.h"
#include "server/rules/problems.h"

namespace tenure::rules {

// Infinity, NaN and integers beyond 64 bits are problems.
std::string CanonicalJson(const Node& node, ProblemList* problems);

// The mark of the key, or list item, that a JSON pointer (RFC 6901) names; the nearest above it
// where there is none.
Mark MarkOfPointer(const Node& node, absl::string_view pointer);

}  // namespace tenure::rules

#endif  // TENURE_SERVER_RULES_CANONICAL_JSON_H_
