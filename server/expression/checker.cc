#include "server/expression/checker.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/expression/remedy.h"
#include "server/expression/suggestion.h"

namespace tenure::expression {
namespace {

using T = StaticType;

// Functions that CEL's other libraries have: refused by name rather than called unknown.
constexpr absl::string_view kLeftOutFunctions[] = {
    "charAt",     "indexOf",  "lastIndexOf", "lowerAscii",    "upperAscii",   "replace",
    "split",      "join",     "substring",   "trim",          "format",       "quote",
    "reverse",    "sort",     "sortBy",      "slice",         "flatten",      "distinct",
    "first",      "last",     "range",       "transformList", "transformMap", "transformMapEntry",
    "existsOne",  "hasValue", "value",       "orValue",       "or",           "optMap",
    "optFlatMap", "isInf",    "isNaN",       "isFinite"};
constexpr absl::string_view kLeftOutNamespaces[] = {
    "math", "strings", "base64", "cel", "optional", "proto", "sets", "lists", "regex", "net"};
constexpr absl::string_view kTypeNames[] = {"bool",  "int",  "uint", "double", "string",
                                            "bytes", "list", "map",  "type",   "null_type"};

template <typename Names>
bool Contains(const Names& names, absl::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

bool IsTypeName(absl::string_view name) {
  return Contains(kTypeNames, name) || name == "google.protobuf.Timestamp" ||
         name == "google.protobuf.Duration";
}

T TypeOf(const Value& value) {
  switch (value.kind()) {
    case Kind::kNull:
      return T::kNull;
    case Kind::kBool:
      return T::kBool;
    case Kind::kInt:
      return T::kInt;
    case Kind::kUint:
      return T::kUint;
    case Kind::kDouble:
      return T::kDouble;
    case Kind::kString:
      return T::kString;
    case Kind::kBytes:
      return T::kBytes;
    default:
      return T::kDyn;
  }
}

bool Fits(T actual, T wanted) { return actual == T::kDyn || wanted == T::kDyn || actual == wanted; }

class Checker {
 public:
  Checker(const Declarations& declarations, std::vector<Problem>* problems)
      : declarations_(declarations), problems_(problems) {}

  void Visit(Node* node) {
    switch (node->kind) {
      case NodeKind::kLiteral:
        node->type = TypeOf(node->value);
        return;
      case NodeKind::kName:
      case NodeKind::kSelect:
        return VisitName(node);
      case NodeKind::kHas:
        return VisitHas(node);
      case NodeKind::kCall:
        return VisitCall(node);
      case NodeKind::kList:
        VisitAll(node);
        node->type = T::kList;
        return;
      case NodeKind::kMap:
        return VisitMap(node);
      case NodeKind::kMacro:
        return VisitMacro(node);
    }
  }

 private:
  void Report(const Node& node, std::string message, std::string suggestion = "") {
    problems_->push_back(
        {ProblemKind::kCheck, node.offset, node.length, std::move(message), std::move(suggestion)});
  }
  void VisitAll(Node* node) {
    for (const auto& argument : node->arguments) Visit(argument.get());
  }

  // "a.b.c" when the node is a chain of names; empty otherwise.
  static std::string Dotted(const Node& node) {
    if (node.kind == NodeKind::kName) return node.name;
    if (node.kind != NodeKind::kSelect) return "";
    const std::string before = Dotted(*node.arguments[0]);
    return before.empty() ? "" : absl::StrCat(before, ".", node.name);
  }
  static const Node& Root(const Node& node) {
    const Node* at = &node;
    while (at->kind == NodeKind::kSelect) at = at->arguments[0].get();
    return *at;
  }
  bool IsLocal(const Node& root) const {
    return root.kind == NodeKind::kName && !root.absolute && Contains(locals_, root.name);
  }

  // Makes the whole chain one variable or type name when it is one.
  bool ResolveWhole(Node* node) {
    const std::string dotted = Dotted(*node);
    if (dotted.empty() || IsLocal(Root(*node))) return false;
    const auto it = declarations_.variables.find(dotted);
    const bool variable = it != declarations_.variables.end();
    if (!variable && !IsTypeName(dotted)) return false;
    node->arguments.clear();
    node->name = dotted;
    if (variable) {
      node->kind = NodeKind::kName;
      node->type = it->second;
    } else {
      node->kind = NodeKind::kLiteral;
      node->value = Value::Type(dotted);
      node->type = T::kType;
    }
    return true;
  }

  void VisitName(Node* node) {
    if (ResolveWhole(node)) return;
    if (node->kind == NodeKind::kName) {
      if (IsLocal(*node)) {
        node->local = true;
      } else {
        ReportUnknownName(*node, node->name);
      }
      return;
    }
    Node* receiver = node->arguments[0].get();
    if (!Dotted(*node).empty() && !IsLocal(Root(*node)) && !HasPrefix(*receiver)) {
      ReportUnknownName(*node, Dotted(*node));
      return;
    }
    Visit(receiver);
    if (receiver->type != T::kDyn && receiver->type != T::kMap) {
      Report(*node, absl::StrCat("a ", StaticTypeName(receiver->type), " has no field '",
                                 node->name, "'"));
    }
  }

  bool HasPrefix(const Node& node) const {
    if (declarations_.variables.contains(Dotted(node)) || IsTypeName(Dotted(node))) return true;
    return node.kind == NodeKind::kSelect && HasPrefix(*node.arguments[0]);
  }

  void ReportUnknownName(const Node& node, const std::string& name) {
    std::vector<std::string> names(locals_);
    for (const auto& [variable, type] : declarations_.variables) names.push_back(variable);
    std::sort(names.begin(), names.end());
    Report(node, absl::StrCat("unknown name '", name, "'"), Suggest(name, names));
  }

  void VisitHas(Node* node) {
    Node* what = node->arguments[0].get();
    node->type = T::kBool;
    if (what->kind == NodeKind::kName && !declarations_.rules) {
      problems_->push_back({ProblemKind::kParse, node->offset, node->length,
                            "has() asks for a field, such as has(customer.region)", ""});
      return;
    }
    if (what->kind == NodeKind::kName && IsLocal(*what)) {
      return Report(*node, absl::StrCat("'", what->name, "' always has a value here"));
    }
    const bool whole = ResolveWhole(what);
    if (whole && what->kind == NodeKind::kLiteral) {
      return Report(*what, absl::StrCat("'", what->name, "' is a type, not a field"));
    }
    if (!whole) {
      VisitName(what);
      if (what->kind == NodeKind::kSelect && !what->arguments.empty()) {
        // The node keeps the field's name and asks the receiver.
        std::unique_ptr<Node> receiver = std::move(what->arguments[0]);
        node->arguments[0] = std::move(receiver);
      }
    } else {
      node->name.clear();
    }
  }

  void VisitMap(Node* node) {
    VisitAll(node);
    node->type = T::kMap;
    for (size_t i = 0; i < node->arguments.size(); i += 2) {
      const Node& key = *node->arguments[i];
      if (!Fits(key.type, T::kBool) && !Fits(key.type, T::kInt) && !Fits(key.type, T::kUint) &&
          !Fits(key.type, T::kString)) {
        Report(key, absl::StrCat("a map's key can't be a ", StaticTypeName(key.type),
                                 "; it is a bool, int, uint or string"));
      }
    }
  }

  void VisitMacro(Node* node) {
    Node* range = node->arguments[0].get();
    Visit(range);
    if (!Fits(range->type, T::kList) && !Fits(range->type, T::kMap)) {
      Report(*range, absl::StrCat("a ", StaticTypeName(range->type),
                                  " has no items to go through; a list or a map has"));
    }
    locals_.push_back(node->name);
    for (size_t i = 1; i < node->arguments.size(); ++i) Visit(node->arguments[i].get());
    locals_.pop_back();
    const bool list = node->macro == Macro::kMap || node->macro == Macro::kMapFiltered ||
                      node->macro == Macro::kFilter;
    node->type = list ? T::kList : T::kBool;
  }

  void VisitCall(Node* node) {
    if (node->member && ReportLeftOutNamespace(*node)) return;
    VisitAll(node);
    switch (node->operation) {
      case Operation::kAnd:
      case Operation::kOr:
        return VisitLogic(node);
      case Operation::kConditional:
        return VisitConditional(node);
      case Operation::kEqual:
      case Operation::kNotEqual:
        node->type = T::kBool;
        if (declarations_.rules) CheckComparable(*node);
        return;
      default:
        return Resolve(node);
    }
  }

  bool ReportLeftOutNamespace(const Node& node) {
    const Node& root = Root(*node.arguments[0]);
    if (root.kind != NodeKind::kName || !Contains(kLeftOutNamespaces, root.name)) return false;
    if (declarations_.variables.contains(root.name) || IsLocal(root)) return false;
    Report(node, absl::StrCat(Dotted(*node.arguments[0]), ".", node.name,
                              "() is an extension function of CEL that is left out of rule "
                              "expressions"));
    return true;
  }

  // CEL alone leaves `false && 1` to evaluation, where it is false.
  void VisitLogic(Node* node) {
    node->type = T::kBool;
    if (!declarations_.rules) return;
    for (const auto& argument : node->arguments) {
      if (!Fits(argument->type, T::kBool)) {
        Report(*argument, absl::StrCat(OperationName(node->operation), " takes conditions, not a ",
                                       StaticTypeName(argument->type)));
      }
    }
  }

  void VisitConditional(Node* node) {
    const Node& condition = *node->arguments[0];
    if (!Fits(condition.type, T::kBool)) {
      Report(condition,
             absl::StrCat("?: decides by a bool, not by a ", StaticTypeName(condition.type)));
    }
    const T yes = node->arguments[1]->type;
    const T no = node->arguments[2]->type;
    node->type = yes == no ? yes : T::kDyn;
  }

  void CheckComparable(const Node& node) {
    const T a = node.arguments[0]->type;
    const T b = node.arguments[1]->type;
    if (Fits(a, b) || (IsNumeric(a) && IsNumeric(b))) return;
    Report(node, absl::StrCat("a ", StaticTypeName(a), " never equals a ", StaticTypeName(b)));
  }

  bool Matches(const Signature& s, const Node& node) const {
    if (s.arity != node.arguments.size() || s.member != node.member) return false;
    for (size_t i = 0; i < s.arity; ++i) {
      if (!Fits(node.arguments[i]->type, s.arguments[i])) return false;
    }
    return true;
  }

  void Resolve(Node* node) {
    bool known = false;
    bool matched = false;
    const bool resolved = node->operation != Operation::kNone;
    Operation operation = node->operation;
    for (const Signature& s : Signatures()) {
      const bool same = resolved ? s.operation == node->operation
                                 : s.operation >= Operation::kSize && s.name == node->name;
      if (!same) continue;
      known = true;
      if (!Matches(s, *node)) continue;
      node->type = !matched || node->type == s.result ? s.result : T::kDyn;
      operation = s.operation;
      matched = true;
    }
    if (matched) {
      node->operation = operation;
    } else if (known) {
      ReportNoOverload(*node);
    } else {
      ReportUnknownFunction(*node);
    }
  }

  void ReportNoOverload(const Node& node) {
    const absl::string_view name = node.operation == Operation::kNone
                                       ? absl::string_view(node.name)
                                       : OperationName(node.operation);
    const auto type_name = [](std::string* out, const std::unique_ptr<Node>& argument) {
      absl::StrAppend(out, StaticTypeName(argument->type));
    };
    std::string types = absl::StrJoin(node.arguments, ", ", type_name);
    if (node.member) {
      types = absl::StrCat(
          StaticTypeName(node.arguments[0]->type), ".", name, "(",
          absl::StrJoin(node.arguments.begin() + 1, node.arguments.end(), ", ", type_name), ")");
      return Report(node, absl::StrCat("no such overload: ", types));
    }
    Report(node, absl::StrCat("no such overload: ", name, " on (", types, ")"),
           OverloadRemedy(node));
  }

  void ReportUnknownFunction(const Node& node) {
    if (Contains(kLeftOutFunctions, node.name)) {
      return Report(node, absl::StrCat(node.name,
                                       "() is an extension function of CEL that is left "
                                       "out of rule expressions"));
    }
    for (const char* macro : {"has", "all", "exists", "exists_one", "map", "filter"}) {
      if (node.name != macro) continue;
      const bool has = node.name == "has";
      return Report(node, has ? "has() takes one field, such as has(customer.region)"
                              : absl::StrCat(node.name, "() goes through a list or map: items.",
                                             node.name, "(item, condition)"));
    }
    const std::string remedy = WordRemedy(node.name);
    Report(node, absl::StrCat("unknown function '", node.name, "'"),
           remedy.empty() ? Suggest(node.name, FunctionNames()) : remedy);
  }

  const Declarations& declarations_;
  std::vector<Problem>* const problems_;
  std::vector<std::string> locals_;
};

}  // namespace

bool Check(Node* root, const Declarations& declarations, std::vector<Problem>* problems) {
  const size_t before = problems->size();
  Checker(declarations, problems).Visit(root);
  return problems->size() == before;
}

}  // namespace tenure::expression
