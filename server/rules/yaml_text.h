// What must be true of a file's bytes before a YAML parser sees them.
#ifndef TENURE_SERVER_RULES_YAML_TEXT_H_
#define TENURE_SERVER_RULES_YAML_TEXT_H_

#include <cstddef>

#include "absl/strings/string_view.h"
#include "server/rules/problems.h"
#include "server/rules/rule_set.h"

namespace tenure::rules {

// False, with a problem, unless the text is UTF-8 without control characters, with bounded lines
// and brackets. `skipped` becomes the length of a byte-order mark.
bool CheckYamlText(const Source& source, ProblemList* problems, size_t* skipped);

// Says what the parser refused at `offset`; a tab used as indentation is named as the cause.
void ReportSyntaxError(const Source& source, size_t offset, absl::string_view message,
                       ProblemList* problems);

}  // namespace tenure::rules

#endif  // TENURE_SERVER_RULES_YAML_TEXT_H_
