// Parts of an expression that fail whatever the row: an author's mistake that checking types alone
// does not see.
#ifndef TENURE_SERVER_EXPRESSION_FAILURE_H_
#define TENURE_SERVER_EXPRESSION_FAILURE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/batch/schema.h"

namespace tenure::expression {

// Such as duration('7d'): there is no unit d. Patterns, zones and divisors may be wrong too.
struct Failure {
  size_t offset = 0;  // bytes into the text
  size_t length = 0;
  std::string message;
  std::string suggestion;  // may be empty
  bool certain = true;     // false: below &&, ||, ?: or a macro, and perhaps never reached
};

// Those of an expression over the columns of `schema`, in the order written, the innermost of each;
// none of an expression that does not compile. Thread-safe.
std::vector<Failure> FindFailures(absl::string_view text, const Schema& schema);

}  // namespace tenure::expression

#endif  // TENURE_SERVER_EXPRESSION_FAILURE_H_
