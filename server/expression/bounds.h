// Every bound of the expression language: an expression is total, whatever its text.
#ifndef TENURE_SERVER_EXPRESSION_BOUNDS_H_
#define TENURE_SERVER_EXPRESSION_BOUNDS_H_

#include <cstddef>
#include <cstdint>

namespace tenure::expression {

struct Bounds {
  size_t text_bytes = 65'536;
  size_t nodes = 16'384;         // operators, names and literals of one expression
  size_t nesting = 96;           // brackets, calls and ternaries inside each other
  size_t height = 400;           // of the tree: also chains such as 1 + 1 + 1 …
  size_t pattern_bytes = 1'024;  // of matches()
  // Evaluation steps: one a node visited and one for every 16 items or 64 bytes that a step
  // looks at or makes.
  uint64_t cost = 1'000'000;
};

}  // namespace tenure::expression

#endif  // TENURE_SERVER_EXPRESSION_BOUNDS_H_
