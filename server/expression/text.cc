#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "re2/re2.h"
#include "server/expression/functions.h"
#include "server/expression/pattern.h"
#include "server/expression/utf8.h"

namespace tenure::expression {

Value ApplyText(Operation operation, absl::Span<const Value> arguments, const Bounds& bounds,
                uint64_t* steps) {
  if (arguments.size() != 2 || arguments[0].kind() != Kind::kString ||
      arguments[1].kind() != Kind::kString) {
    return NoSuchOverload(operation, arguments);
  }
  const std::string& text = arguments[0].AsString();
  const std::string& part = arguments[1].AsString();
  *steps += (text.size() + part.size()) / 64;
  switch (operation) {
    case Operation::kContains:
      return Value::Of(absl::StrContains(text, part));
    case Operation::kStartsWith:
      return Value::Of(absl::StartsWith(text, part));
    case Operation::kEndsWith:
      return Value::Of(absl::EndsWith(text, part));
    default:
      break;
  }
  std::string why;
  const std::unique_ptr<const RE2> pattern = CompilePattern(part, bounds, &why);
  *steps += 16 + part.size();  // compiling dominates
  if (pattern == nullptr) return Value::Failed(ErrorKind::kInvalidArgument, why);
  return Value::Of(RE2::PartialMatch(text, *pattern));
}

}  // namespace tenure::expression
