// Columns whose texts the rules themselves name: stages and tiers. Another text in a condition is
// a slip of the pen that would never be met.
#ifndef TENURE_SERVER_RULES_CLOSED_COLUMN_H_
#define TENURE_SERVER_RULES_CLOSED_COLUMN_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/rules/draft.h"

namespace tenure::rules {

// All texts that the column can have; nothing where any text may come.
std::optional<std::vector<std::string>> TextsOf(const RuleSet& set, absl::string_view column);

// Reports what the conditions read so far compare such a column with and it can't be. After the
// tracks, which name the stages.
void CheckComparedTexts(Draft* draft);

}  // namespace tenure::rules

#endif  // TENURE_SERVER_RULES_CLOSED_COLUMN_H_
