#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "server/expression/functions.h"
#include "server/expression/temporal.h"

namespace tenure::expression {
namespace {

Value Overflow(absl::string_view what) {
  return Value::Failed(ErrorKind::kOverflow, std::string(what) + " overflow");
}

template <typename T>
Value Whole(Operation operation, T a, T b, absl::string_view type) {
  T result = 0;
  bool overflow = false;
  switch (operation) {
    case Operation::kAdd:
      overflow = __builtin_add_overflow(a, b, &result);
      break;
    case Operation::kSubtract:
      overflow = __builtin_sub_overflow(a, b, &result);
      break;
    case Operation::kMultiply:
      overflow = __builtin_mul_overflow(a, b, &result);
      break;
    default:
      if (b == 0) {
        return Value::Failed(ErrorKind::kDivisionByZero, operation == Operation::kDivide
                                                             ? "division by zero"
                                                             : "modulus by zero");
      }
      if constexpr (std::numeric_limits<T>::is_signed) {
        overflow = a == std::numeric_limits<T>::min() && b == -1;
        if (overflow) break;
      }
      result = operation == Operation::kDivide ? a / b : a % b;
  }
  return overflow ? Overflow(type) : Value::Of(result);
}

Value OfDoubles(Operation operation, double a, double b) {
  switch (operation) {
    case Operation::kAdd:
      return Value::Of(a + b);
    case Operation::kSubtract:
      return Value::Of(a - b);
    case Operation::kMultiply:
      return Value::Of(a * b);
    default:
      return Value::Of(a / b);
  }
}

template <typename T>
Value InRangeOr(const std::optional<T>& value, absl::string_view type) {
  if (value) return Value::Of(*value);
  return Value::Failed(ErrorKind::kOverflow, std::string(type) + " out of range");
}

std::optional<Value> OfTimes(Operation operation, const Value& a, const Value& b) {
  const bool add = operation == Operation::kAdd;
  if (a.kind() == Kind::kTimestamp && b.kind() == Kind::kDuration) {
    return InRangeOr(
        add ? Add(a.AsTimestamp(), b.AsDuration()) : Subtract(a.AsTimestamp(), b.AsDuration()),
        "timestamp");
  }
  if (add && a.kind() == Kind::kDuration && b.kind() == Kind::kTimestamp) {
    return InRangeOr(Add(b.AsTimestamp(), a.AsDuration()), "timestamp");
  }
  if (!add && a.kind() == Kind::kTimestamp && b.kind() == Kind::kTimestamp) {
    return InRangeOr(Subtract(a.AsTimestamp(), b.AsTimestamp()), "duration");
  }
  if (a.kind() == Kind::kDuration && b.kind() == Kind::kDuration) {
    int64_t nanos = 0;
    const bool overflow =
        add ? __builtin_add_overflow(a.AsDuration().nanos, b.AsDuration().nanos, &nanos)
            : __builtin_sub_overflow(a.AsDuration().nanos, b.AsDuration().nanos, &nanos);
    return InRangeOr(overflow ? std::nullopt : std::optional(Duration{nanos}), "duration");
  }
  return std::nullopt;
}

std::optional<Value> Concatenate(const Value& a, const Value& b, uint64_t* steps) {
  if (a.kind() != b.kind()) return std::nullopt;
  if (a.kind() == Kind::kString) {
    *steps += (a.AsString().size() + b.AsString().size()) / 64;
    return Value::String(a.AsString() + b.AsString());
  }
  if (a.kind() == Kind::kBytes) {
    *steps += (a.AsBytes().size() + b.AsBytes().size()) / 64;
    return Value::OfBytes(a.AsBytes() + b.AsBytes());
  }
  if (a.kind() == Kind::kList) {
    *steps += (a.AsList().size() + b.AsList().size()) / 16;
    List joined = a.AsList();
    joined.insert(joined.end(), b.AsList().begin(), b.AsList().end());
    return Value::OfList(std::move(joined));
  }
  return std::nullopt;
}

}  // namespace

Value ApplyArithmetic(Operation operation, const Value& a, const Value& b, uint64_t* steps) {
  if (a.kind() == b.kind()) {
    if (a.kind() == Kind::kInt) return Whole(operation, a.AsInt(), b.AsInt(), "int");
    if (a.kind() == Kind::kUint) return Whole(operation, a.AsUint(), b.AsUint(), "uint");
    if (a.kind() == Kind::kDouble && operation != Operation::kModulo) {
      return OfDoubles(operation, a.AsDouble(), b.AsDouble());
    }
  }
  std::optional<Value> result;
  if (operation == Operation::kAdd || operation == Operation::kSubtract) {
    result = OfTimes(operation, a, b);
  }
  if (!result && operation == Operation::kAdd) result = Concatenate(a, b, steps);
  return result ? *std::move(result) : NoSuchOverload(operation, {a, b});
}

}  // namespace tenure::expression
