// What is wrong with an expression, and where: data for the author of a rule, not a failure.
#ifndef TENURE_SERVER_EXPRESSION_PROBLEM_H_
#define TENURE_SERVER_EXPRESSION_PROBLEM_H_

#include <cstddef>
#include <cstdint>
#include <string>

namespace tenure::expression {

enum class ProblemKind : uint8_t { kParse, kCheck };

struct Problem {
  ProblemKind kind = ProblemKind::kParse;
  size_t offset = 0;  // bytes into the text
  size_t length = 0;
  std::string message;
  std::string suggestion;  // "did you mean 'purchases'?" or empty
};

}  // namespace tenure::expression

#endif  // TENURE_SERVER_EXPRESSION_PROBLEM_H_
