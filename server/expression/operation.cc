#include "server/expression/operation.h"

#include <algorithm>

namespace tenure::expression {
namespace {

using T = StaticType;
using O = Operation;

std::vector<Signature> MakeSignatures() {
  std::vector<Signature> all;
  const auto add = [&all](O o, absl::string_view name, bool member, std::vector<T> arguments,
                          T result) {
    Signature s{o, name, member, arguments.size(), {T::kDyn, T::kDyn}, result};
    std::copy(arguments.begin(), arguments.end(), s.arguments.begin());
    all.push_back(s);
  };
  const auto operators = [&](O o, absl::string_view name, std::vector<T> types) {
    for (const T t : types) add(o, name, false, {t, t}, t);
  };
  operators(O::kAdd, "+",
            {T::kInt, T::kUint, T::kDouble, T::kString, T::kBytes, T::kList, T::kDuration});
  add(O::kAdd, "+", false, {T::kTimestamp, T::kDuration}, T::kTimestamp);
  add(O::kAdd, "+", false, {T::kDuration, T::kTimestamp}, T::kTimestamp);
  operators(O::kSubtract, "-", {T::kInt, T::kUint, T::kDouble, T::kDuration});
  add(O::kSubtract, "-", false, {T::kTimestamp, T::kTimestamp}, T::kDuration);
  add(O::kSubtract, "-", false, {T::kTimestamp, T::kDuration}, T::kTimestamp);
  operators(O::kMultiply, "*", {T::kInt, T::kUint, T::kDouble});
  operators(O::kDivide, "/", {T::kInt, T::kUint, T::kDouble});
  operators(O::kModulo, "%", {T::kInt, T::kUint});
  add(O::kNot, "!", false, {T::kBool}, T::kBool);
  add(O::kNegate, "-", false, {T::kInt}, T::kInt);
  add(O::kNegate, "-", false, {T::kDouble}, T::kDouble);
  const std::vector<T> numbers = {T::kInt, T::kUint, T::kDouble};
  for (const O o : {O::kLess, O::kLessEqual, O::kGreater, O::kGreaterEqual}) {
    for (const T t : {T::kBool, T::kString, T::kBytes, T::kTimestamp, T::kDuration}) {
      add(o, OperationName(o), false, {t, t}, T::kBool);
    }
    for (const T a : numbers) {
      for (const T b : numbers) add(o, OperationName(o), false, {a, b}, T::kBool);
    }
  }
  add(O::kIn, "in", false, {T::kDyn, T::kList}, T::kBool);
  add(O::kIn, "in", false, {T::kDyn, T::kMap}, T::kBool);
  add(O::kIndex, "[]", false, {T::kList, T::kInt}, T::kDyn);
  add(O::kIndex, "[]", false, {T::kMap, T::kDyn}, T::kDyn);
  for (const T t : {T::kString, T::kBytes, T::kList, T::kMap}) {
    add(O::kSize, "size", false, {t}, T::kInt);
    add(O::kSize, "size", true, {t}, T::kInt);
  }
  add(O::kContains, "contains", true, {T::kString, T::kString}, T::kBool);
  add(O::kStartsWith, "startsWith", true, {T::kString, T::kString}, T::kBool);
  add(O::kEndsWith, "endsWith", true, {T::kString, T::kString}, T::kBool);
  add(O::kMatches, "matches", true, {T::kString, T::kString}, T::kBool);
  add(O::kMatches, "matches", false, {T::kString, T::kString}, T::kBool);
  const auto conversion = [&](O o, absl::string_view name, std::vector<T> from, T to) {
    for (const T t : from) add(o, name, false, {t}, to);
  };
  conversion(O::kToInt, "int", {T::kInt, T::kUint, T::kDouble, T::kString, T::kTimestamp}, T::kInt);
  conversion(O::kToUint, "uint", {T::kInt, T::kUint, T::kDouble, T::kString}, T::kUint);
  conversion(O::kToDouble, "double", {T::kInt, T::kUint, T::kDouble, T::kString}, T::kDouble);
  conversion(
      O::kToString, "string",
      {T::kBool, T::kInt, T::kUint, T::kDouble, T::kString, T::kBytes, T::kTimestamp, T::kDuration},
      T::kString);
  conversion(O::kToBytes, "bytes", {T::kBytes, T::kString}, T::kBytes);
  conversion(O::kToBool, "bool", {T::kBool, T::kString}, T::kBool);
  conversion(O::kToTimestamp, "timestamp", {T::kTimestamp, T::kString, T::kInt}, T::kTimestamp);
  conversion(O::kToDuration, "duration", {T::kDuration, T::kString}, T::kDuration);
  conversion(O::kTypeOf, "type", {T::kDyn}, T::kType);
  conversion(O::kDyn, "dyn", {T::kDyn}, T::kDyn);
  for (uint8_t i = static_cast<uint8_t>(O::kGetFullYear);
       i <= static_cast<uint8_t>(O::kGetMilliseconds); ++i) {
    const O o = static_cast<O>(i);
    add(o, OperationName(o), true, {T::kTimestamp}, T::kInt);
    add(o, OperationName(o), true, {T::kTimestamp, T::kString}, T::kInt);
    if (o >= O::kGetHours) add(o, OperationName(o), true, {T::kDuration}, T::kInt);
  }
  return all;
}

}  // namespace

absl::string_view StaticTypeName(StaticType type) {
  static constexpr absl::string_view kNames[] = {
      "dyn",   "null",      "bool",     "int",  "uint", "double", "string",
      "bytes", "timestamp", "duration", "list", "map",  "type"};
  return kNames[static_cast<size_t>(type)];
}

bool IsNumeric(StaticType type) {
  return type == T::kInt || type == T::kUint || type == T::kDouble;
}

absl::Span<const Signature> Signatures() {
  static const auto* const all = new std::vector<Signature>(MakeSignatures());
  return *all;
}

const std::vector<std::string>& FunctionNames() {
  static const auto* const names = [] {
    auto* distinct = new std::vector<std::string>;
    for (const Signature& s : Signatures()) {
      if (s.operation >= O::kSize) distinct->emplace_back(s.name);
    }
    for (const char* macro : {"has", "all", "exists", "exists_one", "map", "filter"}) {
      distinct->emplace_back(macro);
    }
    std::sort(distinct->begin(), distinct->end());
    distinct->erase(std::unique(distinct->begin(), distinct->end()), distinct->end());
    return distinct;
  }();
  return *names;
}

absl::string_view OperationName(Operation operation) {
  static constexpr absl::string_view kNames[] = {"",
                                                 "||",
                                                 "&&",
                                                 "!",
                                                 "-",
                                                 "?:",
                                                 "==",
                                                 "!=",
                                                 "<",
                                                 "<=",
                                                 ">",
                                                 ">=",
                                                 "in",
                                                 "+",
                                                 "-",
                                                 "*",
                                                 "/",
                                                 "%",
                                                 "[]",
                                                 "size",
                                                 "contains",
                                                 "startsWith",
                                                 "endsWith",
                                                 "matches",
                                                 "int",
                                                 "uint",
                                                 "double",
                                                 "string",
                                                 "bytes",
                                                 "bool",
                                                 "timestamp",
                                                 "duration",
                                                 "type",
                                                 "dyn",
                                                 "getFullYear",
                                                 "getMonth",
                                                 "getDayOfMonth",
                                                 "getDate",
                                                 "getDayOfWeek",
                                                 "getDayOfYear",
                                                 "getHours",
                                                 "getMinutes",
                                                 "getSeconds",
                                                 "getMilliseconds"};
  return kNames[static_cast<size_t>(operation)];
}

}  // namespace tenure::expression
