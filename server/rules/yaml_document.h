// The one place that meets yaml-cpp: text to a tree of nodes, or located problems. Its exceptions
// stop here.
#ifndef TENURE_SERVER_RULES_YAML_DOCUMENT_H_
#define TENURE_SERVER_RULES_YAML_DOCUMENT_H_

#include "server/rules/node.h"
#include "server/rules/problems.h"
#include "server/rules/rule_set.h"

namespace tenure::rules {

// Bounds of one file; refused by name above them.
inline constexpr size_t kMaxYamlDepth = 64;
inline constexpr size_t kMaxYamlNodes = 200'000;       // after aliases and merges are followed
inline constexpr size_t kMaxYamlLineBytes = 10'000;    // yaml-cpp looks ahead to a line's end
inline constexpr size_t kMaxYamlOpenBrackets = 1'000;  // and holds a token for each open bracket

// Null when the file is no single YAML document, with the reason among the problems; duplicate
// keys, tags and keys that are not plain text are problems too. Anchors, aliases and merge keys
// ("<<") are followed.
NodePtr ParseYaml(const Source& source, ProblemList* problems);

}  // namespace tenure::rules

#endif  // TENURE_SERVER_RULES_YAML_DOCUMENT_H_
