// A YAML document as a tree that knows where each part stands. Aliases share their nodes.
#ifndef TENURE_SERVER_RULES_NODE_H_
#define TENURE_SERVER_RULES_NODE_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "server/rules/rule_set.h"

namespace tenure::rules {

struct Node;
using NodePtr = std::shared_ptr<const Node>;

// Immutable once parsed.
struct Node {
  enum class Kind { kNull, kScalar, kSequence, kMap };
  struct Entry {
    NodePtr key;  // always a scalar
    NodePtr value;
  };

  Kind kind = Kind::kNull;
  Mark mark;
  size_t offset = 0;           // bytes into the source where it begins
  bool plain = false;          // a scalar without quotes, typed by YAML's core schema
  std::string text;            // of a scalar
  std::vector<NodePtr> items;  // of a sequence
  std::vector<Entry> entries;  // of a map, in the order written; keys are unique
  size_t weight = 1;           // nodes below and this one, aliases counted each time they stand
};

// "a list", "a map", "text" or "nothing": for messages.
inline const char* KindName(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNull:
      return "nothing";
    case Node::Kind::kScalar:
      return "a single value";
    case Node::Kind::kSequence:
      return "a list";
    case Node::Kind::kMap:
      return "a map";
  }
  return "nothing";
}

}  // namespace tenure::rules

#endif  // TENURE_SERVER_RULES_NODE_H_
