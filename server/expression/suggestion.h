// "Did you mean": the nearest known word to a misspelt one.
#ifndef TENURE_SERVER_EXPRESSION_SUGGESTION_H_
#define TENURE_SERVER_EXPRESSION_SUGGESTION_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace tenure::expression {

// Edits between two words: insert, delete, replace, swap neighbours (optimal string alignment).
size_t EditDistance(absl::string_view a, absl::string_view b);

// The candidate within a third of the word's length in edits, whatever the case of letters; null
// when none is. The order of `candidates` decides ties.
const std::string* Nearest(absl::string_view word, const std::vector<std::string>& candidates);

// "did you mean 'purchases'?" by Nearest, or empty.
std::string Suggest(absl::string_view word, const std::vector<std::string>& candidates);

}  // namespace tenure::expression

#endif  // TENURE_SERVER_EXPRESSION_SUGGESTION_H_
