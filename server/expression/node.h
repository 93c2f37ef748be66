// The tree of an expression.
#ifndef TENURE_SERVER_EXPRESSION_NODE_H_
#define TENURE_SERVER_EXPRESSION_NODE_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "server/expression/operation.h"
#include "server/expression/value.h"

namespace tenure::expression {

enum class NodeKind : uint8_t {
  kLiteral,  // value
  kName,     // name: a variable or a type
  kSelect,   // arguments[0] . name
  kHas,      // presence of the name, or of field `name` of arguments[0]
  kCall,     // operation, or name where it isn't resolved yet; receiver first when member
  kList,     // arguments
  kMap,      // arguments: key, value, key, value …
  kMacro,    // macro over arguments[0], `name` bound to each item in the others
};

enum class Macro : uint8_t { kAll, kExists, kExistsOne, kFilter, kMap, kMapFiltered };

// Built by the parser, completed by the checker (operation, type, names of variables), then
// constant.
struct Node {
  NodeKind kind = NodeKind::kLiteral;
  Operation operation = Operation::kNone;
  Macro macro = Macro::kAll;
  bool member = false;    // a call x.f(…)
  bool absolute = false;  // a name with a leading dot
  bool local = false;     // a name bound by a macro
  StaticType type = StaticType::kDyn;
  size_t offset = 0;  // bytes in the text
  size_t length = 0;
  size_t height = 1;
  std::string name;
  Value value;
  std::vector<std::unique_ptr<Node>> arguments;
};

}  // namespace tenure::expression

#endif  // TENURE_SERVER_EXPRESSION_NODE_H_
