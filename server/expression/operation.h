// The operators and functions of the language and what they take.
#ifndef TENURE_SERVER_EXPRESSION_OPERATION_H_
#define TENURE_SERVER_EXPRESSION_OPERATION_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace tenure::expression {

// What is known of a type before evaluation; kDyn: nothing.
enum class StaticType : uint8_t {
  kDyn,
  kNull,
  kBool,
  kInt,
  kUint,
  kDouble,
  kString,
  kBytes,
  kTimestamp,
  kDuration,
  kList,
  kMap,
  kType,
};

absl::string_view StaticTypeName(StaticType type);
bool IsNumeric(StaticType type);  // int, uint or double

enum class Operation : uint8_t {
  kNone,
  kOr,
  kAnd,
  kNot,
  kNegate,
  kConditional,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kIn,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kModulo,
  kIndex,
  kSize,
  kContains,
  kStartsWith,
  kEndsWith,
  kMatches,
  kToInt,
  kToUint,
  kToDouble,
  kToString,
  kToBytes,
  kToBool,
  kToTimestamp,
  kToDuration,
  kTypeOf,
  kDyn,
  kGetFullYear,
  kGetMonth,
  kGetDayOfMonth,
  kGetDate,
  kGetDayOfWeek,
  kGetDayOfYear,
  kGetHours,
  kGetMinutes,
  kGetSeconds,
  kGetMilliseconds,
};

// One way to call an operation.
struct Signature {
  Operation operation;
  absl::string_view name;               // of functions; how operators are written
  bool member;                          // x.f(…); operators: false
  size_t arity;                         // with the receiver
  std::array<StaticType, 2> arguments;  // receiver first; kDyn: any type
  StaticType result;
};

// All signatures but those of &&, ||, ?: , == and !=, which take anything.
absl::Span<const Signature> Signatures();
// Distinct names of functions, for suggestions.
const std::vector<std::string>& FunctionNames();
// "+", "&&", "size", …
absl::string_view OperationName(Operation operation);

}  // namespace tenure::expression

#endif  // TENURE_SERVER_EXPRESSION_OPERATION_H_
