#include "server/expression/explanation.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/expression/functions.h"

namespace tenure::expression {
namespace {

bool IsAbsent(const Value& value) {
  return value.is_error() && value.error().kind == ErrorKind::kNoSuchAttribute;
}

class Explainer {
 public:
  Explainer(absl::string_view text, const Activation& activation, const Bounds& bounds)
      : text_(text), activation_(activation), bounds_(bounds) {}

  Value Evaluated(const Node& node) const { return Evaluate(node, activation_, bounds_); }

  // The part of `node` that made it what it is.
  const Node& Deciding(const Node& node) const {
    if (node.kind != NodeKind::kCall) return node;
    switch (node.operation) {
      case Operation::kNot:
        return Deciding(*node.arguments[0]);
      case Operation::kAnd:
      case Operation::kOr:
        return DecidingTerm(node);
      case Operation::kConditional: {
        const Value condition = Evaluated(*node.arguments[0]);
        if (condition.kind() != Kind::kBool) return Deciding(*node.arguments[0]);
        return Deciding(*node.arguments[condition.AsBool() ? 1 : 2]);
      }
      default:
        return node;
    }
  }

  std::vector<Operand> Operands(const Node& node) const {
    std::vector<Operand> operands;
    if (node.kind == NodeKind::kCall || node.kind == NodeKind::kHas) {
      for (const auto& argument : node.arguments) {
        if (argument->kind != NodeKind::kLiteral && argument->kind != NodeKind::kList) {
          operands.push_back(Shown(*argument));
        }
      }
    }
    if (operands.empty()) operands.push_back(Shown(node));
    return operands;
  }

 private:
  const Node& DecidingTerm(const Node& node) const {
    const Value whole = Evaluated(node);
    for (const auto& argument : node.arguments) {
      const Value value = Evaluated(*argument);
      const bool same = whole.kind() == Kind::kBool
                            ? value.kind() == Kind::kBool && value.AsBool() == whole.AsBool()
                            : value.kind() != Kind::kBool;
      if (same) return Deciding(*argument);
    }
    return node;
  }

  Operand Shown(const Node& node) const {
    return {std::string(text_.substr(node.offset, node.length)), Display(Evaluated(node))};
  }

  const absl::string_view text_;
  const Activation& activation_;
  const Bounds& bounds_;
};

}  // namespace

std::string Display(const Value& value) {
  switch (value.kind()) {
    case Kind::kError:
      return IsAbsent(value) ? "missing" : absl::StrCat("error: ", value.error().message);
    case Kind::kNull:
      return "null";
    case Kind::kString:
      return absl::StrCat("\"", absl::Utf8SafeCEscape(value.AsString()), "\"");
    case Kind::kBytes:
      return absl::StrCat("b\"", absl::CEscape(value.AsBytes()), "\"");
    case Kind::kType:
      return value.AsType();
    case Kind::kList:
      return absl::StrCat("[",
                          absl::StrJoin(value.AsList(), ", ",
                                        [](std::string* out, const Value& item) {
                                          absl::StrAppend(out, Display(item));
                                        }),
                          "]");
    case Kind::kMap:
      return absl::StrCat("a map of ", value.AsMap().size());
    default: {
      const Value text = Convert(Operation::kToString, value);
      return text.is_error() ? text.error().message : text.AsString();
    }
  }
}

std::vector<Operand> Explain(const Node& node, absl::string_view text, const Activation& activation,
                             const Bounds& bounds, std::string* missing) {
  const Explainer explainer(text, activation, bounds);
  if (missing != nullptr) {
    const Value value = explainer.Evaluated(node);
    *missing = IsAbsent(value) ? value.error().name : "";
  }
  return explainer.Operands(explainer.Deciding(node));
}

}  // namespace tenure::expression
