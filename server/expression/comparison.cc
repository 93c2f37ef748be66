#include "server/expression/comparison.h"

#include <cmath>

namespace tenure::expression {
namespace {

bool IsNumber(Kind kind) {
  return kind == Kind::kInt || kind == Kind::kUint || kind == Kind::kDouble;
}

std::partial_ordering Reverse(std::partial_ordering order) { return 0 <=> order; }

std::partial_ordering OrderNumbers(const Value& a, const Value& b) {
  if (a.kind() == b.kind()) {
    if (a.kind() == Kind::kInt) return a.AsInt() <=> b.AsInt();
    if (a.kind() == Kind::kUint) return a.AsUint() <=> b.AsUint();
    return a.AsDouble() <=> b.AsDouble();
  }
  if (a.kind() > b.kind()) return Reverse(OrderNumbers(b, a));
  if (a.kind() == Kind::kUint) return Order(a.AsUint(), b.AsDouble());
  if (b.kind() == Kind::kUint) return Order(a.AsInt(), b.AsUint());
  return Order(a.AsInt(), b.AsDouble());
}

bool EqualLists(const List& a, const List& b, uint64_t* steps) {
  if (a.size() != b.size()) return false;
  *steps += a.size();
  for (size_t i = 0; i < a.size(); ++i) {
    if (!Equal(a[i], b[i], steps)) return false;
  }
  return true;
}

bool EqualMaps(const Map& a, const Map& b, uint64_t* steps) {
  if (a.size() != b.size()) return false;
  *steps += a.size();
  for (const auto& [key, value] : a.entries()) {
    const Value* other = b.Find(key);
    if (other == nullptr || !Equal(value, *other, steps)) return false;
  }
  return true;
}

}  // namespace

std::partial_ordering Order(int64_t a, double b) {
  if (std::isnan(b)) return std::partial_ordering::unordered;
  if (b >= 0x1p63) return std::partial_ordering::less;
  if (b < -0x1p63) return std::partial_ordering::greater;
  const auto whole = static_cast<int64_t>(b);
  if (a != whole) return a <=> whole;
  return 0.0 <=> b - static_cast<double>(whole);
}

std::partial_ordering Order(uint64_t a, double b) {
  if (std::isnan(b)) return std::partial_ordering::unordered;
  if (b >= 0x1p64) return std::partial_ordering::less;
  if (b < 0) return std::partial_ordering::greater;
  const auto whole = static_cast<uint64_t>(b);
  if (a != whole) return a <=> whole;
  return 0.0 <=> b - static_cast<double>(whole);
}

std::strong_ordering Order(int64_t a, uint64_t b) {
  if (a < 0) return std::strong_ordering::less;
  return static_cast<uint64_t>(a) <=> b;
}

bool Equal(const Value& a, const Value& b, uint64_t* steps) {
  if (IsNumber(a.kind()) && IsNumber(b.kind())) return OrderNumbers(a, b) == 0;
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::kNull:
      return true;
    case Kind::kBool:
      return a.AsBool() == b.AsBool();
    case Kind::kString:
      *steps += a.AsString().size() / 64;
      return a.AsString() == b.AsString();
    case Kind::kBytes:
      *steps += a.AsBytes().size() / 64;
      return a.AsBytes() == b.AsBytes();
    case Kind::kTimestamp:
      return a.AsTimestamp() == b.AsTimestamp();
    case Kind::kDuration:
      return a.AsDuration() == b.AsDuration();
    case Kind::kList:
      return EqualLists(a.AsList(), b.AsList(), steps);
    case Kind::kMap:
      return EqualMaps(a.AsMap(), b.AsMap(), steps);
    case Kind::kType:
      return a.AsType() == b.AsType();
    default:
      return false;
  }
}

std::optional<std::partial_ordering> Order(const Value& a, const Value& b) {
  if (IsNumber(a.kind()) && IsNumber(b.kind())) return OrderNumbers(a, b);
  if (a.kind() != b.kind()) return std::nullopt;
  switch (a.kind()) {
    case Kind::kBool:
      return a.AsBool() <=> b.AsBool();
    case Kind::kString:  // UTF-8 orders as its code points do
      return a.AsString() <=> b.AsString();
    case Kind::kBytes:
      return a.AsBytes() <=> b.AsBytes();
    case Kind::kTimestamp:
      return a.AsTimestamp() <=> b.AsTimestamp();
    case Kind::kDuration:
      return a.AsDuration() <=> b.AsDuration();
    default:
      return std::nullopt;
  }
}

bool Holds(Operation operation, std::partial_ordering order) {
  switch (operation) {
    case Operation::kLess:
      return order < 0;
    case Operation::kLessEqual:
      return order <= 0;
    case Operation::kGreater:
      return order > 0;
    default:
      return order >= 0;
  }
}

}  // namespace tenure::expression
