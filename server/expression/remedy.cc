#include "server/expression/remedy.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace tenure::expression {
namespace {

using T = StaticType;

bool IsArithmetic(Operation operation) {
  return operation == Operation::kAdd || operation == Operation::kSubtract ||
         operation == Operation::kMultiply || operation == Operation::kDivide;
}

bool IsLiteral(const Node& node, T type) {
  return node.kind == NodeKind::kLiteral && node.type == type;
}

// Int and double are not mixed in arithmetic.
std::string MixedNumbers(const Node& whole) {
  if (IsLiteral(whole, T::kInt)) {
    return absl::StrCat("write ", whole.value.AsInt(), ".0, a double as the other side is");
  }
  return "double(…) around the int makes both sides doubles";
}

std::string ForText(const Node& text, T other) {
  const bool literal = IsLiteral(text, T::kString);
  if (IsNumeric(other)) {
    double number = 0;
    if (literal && absl::SimpleAtod(text.value.AsString(), &number)) {
      return absl::StrCat("write ", text.value.AsString(), " without quotes, a number");
    }
    return "";
  }
  if (other == T::kTimestamp) {
    return "a moment is written timestamp(\"2018-01-31T00:00:00Z\")";
  }
  if (other == T::kDuration) return "a time span is written duration(\"36h\")";
  return "";
}

std::string ForPair(const Node& a, const Node& b, Operation operation) {
  if (IsArithmetic(operation) && a.type == T::kInt && b.type == T::kDouble) return MixedNumbers(a);
  if (a.type == T::kString) return ForText(a, b.type);
  if (a.type == T::kDuration && IsNumeric(b.type)) {
    return "what is counted in days is a number: write 30.0 for 30 days";
  }
  return "";
}

}  // namespace

std::string WordRemedy(absl::string_view word) {
  static constexpr std::pair<absl::string_view, absl::string_view> kWords[] = {
      {"and", "&&"}, {"or", "||"}, {"not", "!"}, {"is", "=="}};
  for (const auto& [other, sign] : kWords) {
    if (absl::EqualsIgnoreCase(word, other)) {
      return absl::StrCat("\"", word, "\" is written ", sign);
    }
  }
  return "";
}

std::string OverloadRemedy(const Node& call) {
  if (call.member || call.arguments.size() != 2) return "";
  const Node& a = *call.arguments[0];
  const Node& b = *call.arguments[1];
  if (call.operation == Operation::kIn) {
    return IsLiteral(b, T::kString) ? absl::StrCat("write a list: [\"", b.value.AsString(), "\"]")
                                    : "";
  }
  const std::string remedy = ForPair(a, b, call.operation);
  return remedy.empty() ? ForPair(b, a, call.operation) : remedy;
}

}  // namespace tenure::expression
