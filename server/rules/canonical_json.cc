#include "server/rules/canonical_json.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "server/rules/scalar.h"

namespace tenure::rules {
namespace {

using Json = nlohmann::json;  // its objects are sorted by key

Json ScalarJson(const Node& node, ProblemList* problems) {
  const TypedScalar value = TypeOf(node);
  switch (value.type) {
    case ScalarType::kNull:
      return nullptr;
    case ScalarType::kBool:
      return value.boolean;
    case ScalarType::kInt:
      return value.integer;
    case ScalarType::kFloat:
      if (!std::isfinite(value.number) || node.text.find_first_of(".eE") == std::string::npos) {
        problems->Error(node.mark,
                        absl::StrCat("\"", node.text, "\" is a number that JSON can't hold"),
                        "put it in quotes if it is text");
        return nullptr;
      }
      return value.number;
    case ScalarType::kString:
      break;
  }
  return node.text;
}

Json ToJson(const Node& node, ProblemList* problems) {
  if (node.kind == Node::Kind::kSequence) {
    Json list = Json::array();
    for (const NodePtr& item : node.items) list.push_back(ToJson(*item, problems));
    return list;
  }
  if (node.kind == Node::Kind::kMap) {
    Json map = Json::object();
    for (const Node::Entry& entry : node.entries) {
      map[entry.key->text] = ToJson(*entry.value, problems);
    }
    return map;
  }
  return ScalarJson(node, problems);
}

}  // namespace

std::string CanonicalJson(const Node& node, ProblemList* problems) {
  return ToJson(node, problems).dump(-1, ' ', false, Json::error_handler_t::replace);
}

Mark MarkOfPointer(const Node& node, absl::string_view pointer) {
  const Node* at = &node;
  Mark mark = node.mark;
  for (absl::string_view part : absl::StrSplit(pointer, '/', absl::SkipEmpty())) {
    const std::string name =
        absl::StrReplaceAll(absl::StrReplaceAll(part, {{"~1", "/"}}), {{"~0", "~"}});
    const Node* next = nullptr;
    size_t index = 0;
    if (at->kind == Node::Kind::kSequence && absl::SimpleAtoi(name, &index) &&
        index < at->items.size()) {
      next = at->items[index].get();
      mark = next->mark;
    }
    for (const Node::Entry& entry : at->entries) {
      if (entry.key->text != name) continue;
      next = entry.value.get();
      mark = entry.key->mark;
    }
    if (next == nullptr) break;
    at = next;
  }
  return mark;
}

}  // namespace tenure::rules
