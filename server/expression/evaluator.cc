#include "server/expression/evaluator.h"

#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "server/expression/functions.h"
#include "server/expression/parser.h"

namespace tenure::expression {
namespace {

// Once the cost is spent every visit returns the same error at once, so that no || brings the
// evaluation back to life; Run() reports it whatever the tree made of it.
class Evaluation {
 public:
  Evaluation(const Activation& activation, const Bounds& bounds)
      : activation_(activation), bounds_(bounds) {}

  Value Run(const Node& node, uint64_t* steps) {
    Value value = Visit(node);
    if (steps != nullptr) *steps = steps_;
    return Spent() ? CostError() : value;
  }

 private:
  bool Spent() const { return steps_ > bounds_.cost; }
  Value CostError() const {
    return Value::Failed(ErrorKind::kCostLimit,
                         absl::StrCat("the evaluation takes more than ", bounds_.cost, " steps"));
  }

  Value Visit(const Node& node) {
    ++steps_;
    if (Spent()) return CostError();
    switch (node.kind) {
      case NodeKind::kLiteral:
        return node.value;
      case NodeKind::kName:
        return node.local ? Local(node.name) : activation_.Find(node.name);
      case NodeKind::kSelect:
        return Select(node);
      case NodeKind::kHas:
        return Has(node);
      case NodeKind::kCall:
        return Call(node);
      case NodeKind::kList:
        return MakeList(node);
      case NodeKind::kMap:
        return MakeMap(node);
      case NodeKind::kMacro:
        return Go(node);
    }
    return Value();
  }

  Value Local(const std::string& name) const {
    for (auto it = locals_.rbegin(); it != locals_.rend(); ++it) {
      if (*it->first == name) return it->second;
    }
    return NoSuchAttribute(name);
  }

  Value Select(const Node& node) {
    Value receiver = Visit(*node.arguments[0]);
    if (receiver.is_error()) return receiver;
    if (receiver.kind() != Kind::kMap) {
      return Value::Failed(ErrorKind::kNoSuchOverload,
                           absl::StrCat("no such overload: a ", KindName(receiver.kind()),
                                        " has no field '", node.name, "'"));
    }
    const Value* found = receiver.AsMap().Find(Value::String(node.name));
    if (found != nullptr) return *found;
    return Value::Failed(ErrorKind::kNoSuchKey, absl::StrCat("no such key: '", node.name, "'"));
  }

  Value Has(const Node& node) {
    Value receiver = Visit(*node.arguments[0]);
    if (node.name.empty()) {  // the presence of a variable
      const bool absent =
          receiver.is_error() && receiver.error().kind == ErrorKind::kNoSuchAttribute;
      return receiver.is_error() && !absent ? receiver : Value::Of(!absent);
    }
    if (receiver.is_error()) return receiver;
    if (receiver.kind() != Kind::kMap) {
      return Value::Failed(
          ErrorKind::kNoSuchOverload,
          absl::StrCat("no such overload: a ", KindName(receiver.kind()), " has no fields"));
    }
    return Value::Of(receiver.AsMap().Find(Value::String(node.name)) != nullptr);
  }

  Value Call(const Node& node) {
    switch (node.operation) {
      case Operation::kAnd:
        return Logic(node, false);
      case Operation::kOr:
        return Logic(node, true);
      case Operation::kConditional:
        return Conditional(node);
      default:
        break;
    }
    absl::InlinedVector<Value, 2> arguments;
    for (const auto& argument : node.arguments) {
      arguments.push_back(Visit(*argument));
      if (arguments.back().is_error()) return arguments.back();
    }
    return Apply(node.operation, arguments, bounds_, &steps_);
  }

  // Either operand may decide alone, whatever the other is: an error is told only when nothing
  // decides, and then the first one.
  Value Logic(const Node& node, bool decisive) {
    Value failure;
    bool failed = false;
    for (const auto& argument : node.arguments) {
      Value value = Visit(*argument);
      if (value.kind() == Kind::kBool) {
        if (value.AsBool() == decisive) return value;
      } else if (!failed) {
        failed = true;
        failure = value.is_error() ? std::move(value) : NoSuchOverload(node.operation, {value});
      }
    }
    return failed ? failure : Value::Of(!decisive);
  }

  Value Conditional(const Node& node) {
    Value condition = Visit(*node.arguments[0]);
    if (condition.is_error()) return condition;
    if (condition.kind() != Kind::kBool) return NoSuchOverload(node.operation, {condition});
    return Visit(*node.arguments[condition.AsBool() ? 1 : 2]);
  }

  Value MakeList(const Node& node) {
    List items;
    items.reserve(node.arguments.size());
    for (const auto& argument : node.arguments) {
      items.push_back(Visit(*argument));
      if (items.back().is_error()) return items.back();
    }
    return Value::OfList(std::move(items));
  }

  Value MakeMap(const Node& node) {
    Map map;
    for (size_t i = 0; i < node.arguments.size(); i += 2) {
      Value key = Visit(*node.arguments[i]);
      if (key.is_error()) return key;
      Value value = Visit(*node.arguments[i + 1]);
      if (value.is_error()) return value;
      if (!Map::IsKey(key)) {
        return Value::Failed(ErrorKind::kInvalidArgument,
                             absl::StrCat("unsupported key type: ", KindName(key.kind())));
      }
      if (!map.Insert(std::move(key), std::move(value))) {
        return Value::Failed(ErrorKind::kDuplicateKey, "a map's key stands twice");
      }
    }
    return Value::OfMap(std::move(map));
  }

  // Macros over a list's items or a map's keys.
  Value Go(const Node& node) {
    const Value range = Visit(*node.arguments[0]);
    if (range.is_error()) return range;
    if (range.kind() == Kind::kList) return GoThrough(node, range.AsList());
    if (range.kind() != Kind::kMap) {
      return Value::Failed(ErrorKind::kNoSuchOverload,
                           absl::StrCat("no such overload: a ", KindName(range.kind()),
                                        " has no items to go through"));
    }
    List keys;
    keys.reserve(range.AsMap().size());
    for (const auto& [key, value] : range.AsMap().entries()) keys.push_back(key);
    return GoThrough(node, keys);
  }

  Value GoThrough(const Node& node, const List& items) {
    switch (node.macro) {
      case Macro::kAll:
        return Quantify(node, items, false);
      case Macro::kExists:
        return Quantify(node, items, true);
      case Macro::kExistsOne:
        return ExistsOne(node, items);
      case Macro::kFilter:
      case Macro::kMap:
      case Macro::kMapFiltered:
        return Collect(node, items);
    }
    return Value();
  }

  Value VisitWith(const Node& node, const std::string& name, const Value& item) {
    locals_.emplace_back(&name, item);
    Value value = Visit(node);
    locals_.pop_back();
    return value;
  }

  static Value NotBool(absl::string_view macro, const Value& value) {
    return Value::Failed(ErrorKind::kNoSuchOverload,
                         absl::StrCat("no such overload: ", macro, " takes a condition, not a ",
                                      KindName(value.kind())));
  }

  Value Quantify(const Node& node, const List& items, bool decisive) {
    Value failure;
    bool failed = false;
    for (const Value& item : items) {
      Value value = VisitWith(*node.arguments[1], node.name, item);
      if (Spent()) return CostError();
      if (value.kind() == Kind::kBool) {
        if (value.AsBool() == decisive) return value;
      } else if (!failed) {
        failed = true;
        failure = value.is_error() ? std::move(value) : NotBool(decisive ? "exists" : "all", value);
      }
    }
    return failed ? failure : Value::Of(!decisive);
  }

  Value ExistsOne(const Node& node, const List& items) {
    size_t count = 0;
    for (const Value& item : items) {
      Value value = VisitWith(*node.arguments[1], node.name, item);
      if (value.is_error()) return value;
      if (value.kind() != Kind::kBool) return NotBool("exists_one", value);
      count += value.AsBool() ? 1 : 0;
    }
    return Value::Of(count == 1);
  }

  Value Collect(const Node& node, const List& items) {
    List collected;
    for (const Value& item : items) {
      bool kept = true;
      if (node.macro != Macro::kMap) {
        Value value = VisitWith(*node.arguments[1], node.name, item);
        if (value.is_error()) return value;
        if (value.kind() != Kind::kBool) return NotBool("a filter", value);
        kept = value.AsBool();
      }
      if (!kept) continue;
      Value value =
          node.macro == Macro::kFilter ? item : VisitWith(*node.arguments.back(), node.name, item);
      if (value.is_error()) return value;
      collected.push_back(std::move(value));
    }
    return Value::OfList(std::move(collected));
  }

  const Activation& activation_;
  const Bounds& bounds_;
  uint64_t steps_ = 0;
  std::vector<std::pair<const std::string*, Value>> locals_;
};

}  // namespace

Value NoSuchAttribute(const std::string& name) {
  return Value::Failed(ErrorKind::kNoSuchAttribute, absl::StrCat("no such attribute: ", name),
                       name);
}

Value MapActivation::Find(const std::string& name) const {
  const auto it = values_.find(name);
  return it == values_.end() ? NoSuchAttribute(name) : it->second;
}

std::shared_ptr<const Node> Compile(absl::string_view text, const Declarations& declarations,
                                    const Bounds& bounds, std::vector<Problem>* problems) {
  std::shared_ptr<Node> node = Parse(text, bounds, problems);
  if (node == nullptr || !Check(node.get(), declarations, problems)) return nullptr;
  return node;
}

Value Evaluate(const Node& node, const Activation& activation, const Bounds& bounds,
               uint64_t* steps) {
  return Evaluation(activation, bounds).Run(node, steps);
}

}  // namespace tenure::expression
