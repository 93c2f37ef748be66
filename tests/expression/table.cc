#include "tests/expression/table.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "server/expression/explanation.h"

namespace tenure::expression {
namespace {

std::string KindText(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kNoSuchAttribute:
      return "no_such_attribute";
    case ErrorKind::kNoSuchKey:
      return "no_such_key";
    case ErrorKind::kNoSuchOverload:
      return "no_such_overload";
    case ErrorKind::kOverflow:
      return "overflow";
    case ErrorKind::kDivisionByZero:
      return "division_by_zero";
    case ErrorKind::kInvalidArgument:
      return "invalid_argument";
    case ErrorKind::kOutOfBounds:
      return "out_of_bounds";
    case ErrorKind::kDuplicateKey:
      return "duplicate_key";
    case ErrorKind::kCostLimit:
      return "cost_limit";
  }
  return "?";
}

}  // namespace

std::string ResultOf(const std::string& text,
                     const absl::flat_hash_map<std::string, Value>& variables) {
  Declarations declarations;
  for (const auto& [name, value] : variables) declarations.variables[name] = StaticType::kDyn;
  std::vector<Problem> problems;
  const auto node = Compile(text, declarations, Bounds(), &problems);
  if (node == nullptr) return problems.at(0).kind == ProblemKind::kParse ? "parse" : "check";
  const Value value = Evaluate(*node, MapActivation(variables), Bounds());
  switch (value.kind()) {
    case Kind::kError:
      return KindText(value.error().kind);
    case Kind::kUint:
    case Kind::kDouble:
      return absl::StrCat(KindName(value.kind()), " ", Display(value));
    case Kind::kTimestamp:
      return absl::StrCat("timestamp ", Display(value));
    case Kind::kDuration:
      return absl::StrCat("duration ", Display(value));
    default:
      return Display(value);
  }
}

void ExpectAll(const std::vector<Case>& cases,
               const absl::flat_hash_map<std::string, Value>& variables) {
  for (const Case& c : cases) EXPECT_EQ(ResultOf(c.text, variables), c.result) << c.text;
}

std::string ProblemsOf(const std::string& text, const Declarations& declarations) {
  std::vector<Problem> problems;
  Compile(text, declarations, Bounds(), &problems);
  std::string lines;
  for (const Problem& p : problems) {
    absl::StrAppend(&lines, p.offset, "+", p.length, " ", p.message, "|", p.suggestion, "\n");
  }
  return lines;
}

}  // namespace tenure::expression
