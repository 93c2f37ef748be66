#include "server/expression/compiler.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "server/expression/evaluator.h"
#include "server/expression/folding.h"
#include "server/expression/reference_step.h"
#include "server/expression/steps.h"
#include "server/expression/temporal.h"

namespace tenure::expression {
namespace {

Operation Mirrored(Operation operation) {
  switch (operation) {
    case Operation::kLess:
      return Operation::kGreater;
    case Operation::kLessEqual:
      return Operation::kGreaterEqual;
    case Operation::kGreater:
      return Operation::kLess;
    case Operation::kGreaterEqual:
      return Operation::kLessEqual;
    default:
      return operation;
  }
}

// A null step means: no column form, ask the reference evaluator for the whole. It is exact for
// conditions and numbers at any depth; strings and times it hands out only as the result.
class Compiler {
 public:
  Compiler(const std::vector<std::string>& columns, const Bounds& bounds)
      : columns_(columns), bounds_(bounds) {}

  StepPtr Root(const Node& node, StaticType type) {
    StepPtr step = Convertible(node, type);
    return step != nullptr ? std::move(step) : MakeReferenceStep(node, type, bounds_);
  }

 private:
  // Of exactly this type; an int is widened where a double is wanted.
  StepPtr Convertible(const Node& node, StaticType type) {
    const bool branches = node.kind == NodeKind::kCall &&
                          node.operation == Operation::kConditional && !IsClosed(node);
    StepPtr step = branches ? Conditional(node, type) : Typed(node);
    if (step == nullptr || step->type() == type) return step;
    if (type != StaticType::kDouble || step->type() != StaticType::kInt) return nullptr;
    return MakeConversionStep(type, std::move(step));
  }

  // A step for any node whose type lanes can hold, by the reference evaluator at need.
  StepPtr Typed(const Node& node) {
    StepPtr step = Try(node);
    const bool exact = node.type == StaticType::kBool || node.type == StaticType::kInt ||
                       node.type == StaticType::kDouble;
    if (step == nullptr && exact) step = MakeReferenceStep(node, node.type, bounds_);
    return step;
  }

  std::optional<Value> Constant(const Node& node) const {
    if (node.kind == NodeKind::kLiteral) return node.value;
    if (!IsClosed(node)) return std::nullopt;
    return Evaluate(node, MapActivation({}), bounds_);
  }

  std::optional<size_t> ColumnOf(const Node& node) const {
    if (node.kind != NodeKind::kName || node.local) return std::nullopt;
    const auto it = std::lower_bound(columns_.begin(), columns_.end(), node.name);
    return static_cast<size_t>(it - columns_.begin());
  }

  StepPtr Try(const Node& node) {
    if (const std::optional<Value> constant = Constant(node)) {
      return MakeConstantStep(node.type, *constant);
    }
    switch (node.kind) {
      case NodeKind::kName:
        return node.local ? nullptr : MakeColumnStep(node.type, *ColumnOf(node));
      case NodeKind::kHas: {
        const std::optional<size_t> column = ColumnOf(*node.arguments[0]);
        return column && node.name.empty() ? MakePresenceStep(*column) : nullptr;
      }
      case NodeKind::kCall:
        return Call(node);
      default:
        return nullptr;
    }
  }

  StepPtr Call(const Node& node) {
    const auto& arguments = node.arguments;
    switch (node.operation) {
      case Operation::kAnd:
      case Operation::kOr:
        return Logic(node);
      case Operation::kConditional:
        return Conditional(node, node.type);
      case Operation::kNot: {
        StepPtr condition = Convertible(*arguments[0], StaticType::kBool);
        return condition == nullptr ? nullptr : MakeNotStep(std::move(condition));
      }
      case Operation::kEqual:
      case Operation::kNotEqual:
      case Operation::kLess:
      case Operation::kLessEqual:
      case Operation::kGreater:
      case Operation::kGreaterEqual:
        return Comparison(node);
      case Operation::kIn:
        return In(*arguments[0], *arguments[1]);
      case Operation::kContains:
      case Operation::kStartsWith:
      case Operation::kEndsWith:
      case Operation::kMatches:
        return Text(node.operation, *arguments[0], *arguments[1]);
      default:
        return Number(node);
    }
  }

  StepPtr Number(const Node& node) {
    StepPtr first = Typed(*node.arguments[0]);
    if (first == nullptr) return nullptr;
    switch (node.operation) {
      case Operation::kAdd:
      case Operation::kSubtract:
      case Operation::kMultiply:
      case Operation::kDivide:
      case Operation::kModulo: {
        StepPtr second = Typed(*node.arguments[1]);
        if (second == nullptr) return nullptr;
        return MakeArithmeticStep(node.operation, std::move(first), std::move(second));
      }
      case Operation::kNegate:
        return MakeNegateStep(std::move(first));
      case Operation::kToInt:
      case Operation::kToDouble:
      case Operation::kToTimestamp:
        return MakeConversionStep(node.type, std::move(first));
      default:
        return node.operation >= Operation::kGetFullYear ? Getter(node, std::move(first)) : nullptr;
    }
  }

  StepPtr Getter(const Node& node, StepPtr of) {
    if (node.arguments.size() == 1) {
      return MakeGetterStep(node.operation, std::move(of), absl::UTCTimeZone());
    }
    const std::optional<Value> name = Constant(*node.arguments[1]);
    if (!name || name->kind() != Kind::kString) return nullptr;
    const std::optional<absl::TimeZone> zone = FindZone(name->AsString());
    return zone ? MakeGetterStep(node.operation, std::move(of), *zone) : nullptr;
  }

  StepPtr Logic(const Node& node) {
    std::vector<StepPtr> terms;
    for (const auto& argument : node.arguments) {
      StepPtr term = Convertible(*argument, StaticType::kBool);
      // What isn't known to be a condition is one by itself: kFailed where it is none.
      if (term == nullptr) term = MakeReferenceStep(*argument, StaticType::kBool, bounds_);
      terms.push_back(std::move(term));
    }
    return MakeLogicStep(node.operation == Operation::kOr, std::move(terms));
  }

  StepPtr Conditional(const Node& node, StaticType type) {
    StepPtr condition = Convertible(*node.arguments[0], StaticType::kBool);
    StepPtr yes = Convertible(*node.arguments[1], type);
    StepPtr no = Convertible(*node.arguments[2], type);
    if (condition == nullptr || yes == nullptr || no == nullptr) return nullptr;
    return MakeConditionalStep(std::move(condition), std::move(yes), std::move(no));
  }

  StepPtr Comparison(const Node& node) {
    const Node& a = *node.arguments[0];
    const Node& b = *node.arguments[1];
    StepPtr step = AgainstConstant(node.operation, a, b);
    if (step == nullptr) step = AgainstConstant(Mirrored(node.operation), b, a);
    if (step != nullptr) return step;
    StepPtr first = Typed(a);
    StepPtr second = first == nullptr ? nullptr : Typed(b);
    if (second == nullptr) return nullptr;
    return MakeComparisonStep(node.operation, std::move(first), std::move(second));
  }

  StepPtr AgainstConstant(Operation operation, const Node& a, const Node& b) {
    const std::optional<size_t> column = ColumnOf(a);
    if (!column) return nullptr;
    const std::optional<Value> constant = Constant(b);
    if (!constant || constant->is_error()) return nullptr;
    if (a.type == StaticType::kString && constant->kind() == Kind::kString) {
      return MakeTextStep(operation, *column, constant->AsString(), bounds_);
    }
    return MakeColumnComparisonStep(operation, a.type, *column, *constant);
  }

  StepPtr Text(Operation operation, const Node& text, const Node& part) {
    const std::optional<size_t> column = ColumnOf(text);
    const std::optional<Value> constant = Constant(part);
    if (!column || text.type != StaticType::kString) return nullptr;
    if (!constant || constant->kind() != Kind::kString) return nullptr;
    return MakeTextStep(operation, *column, constant->AsString(), bounds_);
  }

  StepPtr In(const Node& item, const Node& items) {
    const std::optional<Value> constant = Constant(items);
    if (!constant || constant->kind() != Kind::kList) return nullptr;
    if (item.type == StaticType::kString) {
      const std::optional<size_t> column = ColumnOf(item);
      return column ? MakeTextInStep(*column, constant->AsList()) : nullptr;
    }
    if (item.type != StaticType::kInt && item.type != StaticType::kDouble) return nullptr;
    return MakeNumberInStep(Typed(item), constant->AsList());
  }

  const std::vector<std::string>& columns_;
  const Bounds& bounds_;
};

}  // namespace

std::unique_ptr<const Step> CompileSteps(const Node& node, StaticType type,
                                         const std::vector<std::string>& columns,
                                         const Bounds& bounds) {
  return Compiler(columns, bounds).Root(node, type);
}

}  // namespace tenure::expression
