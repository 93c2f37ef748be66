// Patterns of matches(): RE2 syntax, linear time, bounded memory.
#ifndef TENURE_SERVER_EXPRESSION_PATTERN_H_
#define TENURE_SERVER_EXPRESSION_PATTERN_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "re2/re2.h"
#include "server/expression/bounds.h"

namespace tenure::expression {

// Null, and why, when it is malformed or too large. Thread-safe, as is the pattern.
std::unique_ptr<const RE2> CompilePattern(absl::string_view pattern, const Bounds& bounds,
                                          std::string* why);

}  // namespace tenure::expression

#endif  // TENURE_SERVER_EXPRESSION_PATTERN_H_
