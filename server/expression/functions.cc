#include "server/expression/functions.h"

#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/expression/comparison.h"
#include "server/expression/temporal.h"
#include "server/expression/utf8.h"

namespace tenure::expression {
namespace {

Value Negate(const Value& value) {
  if (value.kind() == Kind::kDouble) return Value::Of(-value.AsDouble());
  if (value.kind() != Kind::kInt) return NoSuchOverload(Operation::kNegate, {value});
  if (value.AsInt() == std::numeric_limits<int64_t>::min()) {
    return Value::Failed(ErrorKind::kOverflow, "int overflow");
  }
  return Value::Of(-value.AsInt());
}

Value In(const Value& item, const Value& items, uint64_t* steps) {
  if (items.kind() == Kind::kMap) return Value::Of(items.AsMap().Find(item) != nullptr);
  if (items.kind() != Kind::kList) return NoSuchOverload(Operation::kIn, {item, items});
  uint64_t looked = 0;
  bool found = false;
  for (const Value& candidate : items.AsList()) {
    ++looked;
    found = Equal(item, candidate, &looked);
    if (found) break;
  }
  *steps += looked / 16;
  return Value::Of(found);
}

std::optional<int64_t> WholeIndex(const Value& index) {
  switch (index.kind()) {
    case Kind::kInt:
      return index.AsInt();
    case Kind::kUint:
      if (index.AsUint() >> 63 != 0) return std::numeric_limits<int64_t>::max();
      return static_cast<int64_t>(index.AsUint());
    case Kind::kDouble: {
      const double d = index.AsDouble();
      if (!(std::fabs(d) < 0x1p62) || d != std::trunc(d)) return std::nullopt;
      return static_cast<int64_t>(d);
    }
    default:
      return std::nullopt;
  }
}

Value Index(const Value& from, const Value& index) {
  if (from.kind() == Kind::kMap) {
    if (const Value* found = from.AsMap().Find(index); found != nullptr) return *found;
    return Value::Failed(ErrorKind::kNoSuchKey, "no such key");
  }
  const bool number =
      index.kind() == Kind::kInt || index.kind() == Kind::kUint || index.kind() == Kind::kDouble;
  if (from.kind() != Kind::kList || !number)
    return NoSuchOverload(Operation::kIndex, {from, index});
  const std::optional<int64_t> at = WholeIndex(index);
  if (!at) {
    return Value::Failed(ErrorKind::kInvalidArgument, "invalid_argument: an index is whole");
  }
  const List& list = from.AsList();
  if (*at < 0 || static_cast<uint64_t>(*at) >= list.size()) {
    return Value::Failed(ErrorKind::kOutOfBounds, absl::StrCat("index ", *at, " out of bounds"));
  }
  return list[static_cast<size_t>(*at)];
}

Value Size(const Value& value, uint64_t* steps) {
  size_t size = 0;
  switch (value.kind()) {
    case Kind::kString:
      *steps += value.AsString().size() / 64;
      size = CountCodePoints(value.AsString());
      break;
    case Kind::kBytes:
      size = value.AsBytes().size();
      break;
    case Kind::kList:
      size = value.AsList().size();
      break;
    case Kind::kMap:
      size = value.AsMap().size();
      break;
    default:
      return NoSuchOverload(Operation::kSize, {value});
  }
  return Value::Of(static_cast<int64_t>(size));
}

Value Getter(Operation operation, absl::Span<const Value> arguments) {
  const Value& of = arguments[0];
  if (of.kind() == Kind::kDuration && arguments.size() == 1 && operation >= Operation::kGetHours) {
    return Value::Of(Part(operation, of.AsDuration()));
  }
  if (of.kind() != Kind::kTimestamp) return NoSuchOverload(operation, arguments);
  if (arguments.size() == 1) {
    return Value::Of(Part(operation, of.AsTimestamp(), absl::UTCTimeZone()));
  }
  if (arguments[1].kind() != Kind::kString) return NoSuchOverload(operation, arguments);
  const std::optional<absl::TimeZone> zone = FindZone(arguments[1].AsString());
  if (!zone) {
    return Value::Failed(ErrorKind::kInvalidArgument,
                         "unknown time zone; write an IANA name such "
                         "as Europe/Berlin or an offset +02:00");
  }
  return Value::Of(Part(operation, of.AsTimestamp(), *zone));
}

}  // namespace

Value NoSuchOverload(Operation operation, absl::Span<const Value> arguments) {
  const auto type_name = [](std::string* out, const Value& value) {
    absl::StrAppend(out, KindName(value.kind()));
  };
  return Value::Failed(ErrorKind::kNoSuchOverload,
                       absl::StrCat("no such overload: ", OperationName(operation), " on (",
                                    absl::StrJoin(arguments, ", ", type_name), ")"));
}

Value Apply(Operation operation, absl::Span<const Value> arguments, const Bounds& bounds,
            uint64_t* steps) {
  switch (operation) {
    case Operation::kNot:
      if (arguments[0].kind() != Kind::kBool) return NoSuchOverload(operation, arguments);
      return Value::Of(!arguments[0].AsBool());
    case Operation::kNegate:
      return Negate(arguments[0]);
    case Operation::kEqual:
    case Operation::kNotEqual: {
      uint64_t looked = 0;
      const bool equal = Equal(arguments[0], arguments[1], &looked);
      *steps += looked / 16;
      return Value::Of(equal == (operation == Operation::kEqual));
    }
    case Operation::kLess:
    case Operation::kLessEqual:
    case Operation::kGreater:
    case Operation::kGreaterEqual: {
      const auto order = Order(arguments[0], arguments[1]);
      return order ? Value::Of(Holds(operation, *order)) : NoSuchOverload(operation, arguments);
    }
    case Operation::kIn:
      return In(arguments[0], arguments[1], steps);
    case Operation::kAdd:
    case Operation::kSubtract:
    case Operation::kMultiply:
    case Operation::kDivide:
    case Operation::kModulo:
      return ApplyArithmetic(operation, arguments[0], arguments[1], steps);
    case Operation::kIndex:
      return Index(arguments[0], arguments[1]);
    case Operation::kSize:
      return Size(arguments[0], steps);
    case Operation::kContains:
    case Operation::kStartsWith:
    case Operation::kEndsWith:
    case Operation::kMatches:
      return ApplyText(operation, arguments, bounds, steps);
    default:
      if (operation >= Operation::kGetFullYear) return Getter(operation, arguments);
      return Convert(operation, arguments[0]);
  }
}

}  // namespace tenure::expression
