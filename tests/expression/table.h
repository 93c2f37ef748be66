// Tables of expressions and what they are: "3", "\"West\"", "error: …" of a given kind.
#ifndef TENURE_TESTS_EXPRESSION_TABLE_H_
#define TENURE_TESTS_EXPRESSION_TABLE_H_

#include <string>
#include <vector>

#include "server/expression/evaluator.h"

namespace tenure::expression {

struct Case {
  std::string text;
  std::string result;  // as Display() has it; "parse", "check"; "overflow", … for errors
};

// What `text` is: Display() of its value with its type in front where that isn't plain ("uint 5",
// "double 5", "timestamp …"), the kind of its error, or "parse" or "check". Variables are dyn.
std::string ResultOf(const std::string& text,
                     const absl::flat_hash_map<std::string, Value>& variables = {});

void ExpectAll(const std::vector<Case>& cases,
               const absl::flat_hash_map<std::string, Value>& variables = {});

// The problems of an expression over the variables, one a line: "offset+length message|suggestion".
std::string ProblemsOf(const std::string& text, const Declarations& declarations);

}  // namespace tenure::expression

#endif  // TENURE_TESTS_EXPRESSION_TABLE_H_
