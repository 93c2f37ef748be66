#include "server/expression/failure.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/time.h"
#include "server/expression/declarations.h"
#include "server/expression/evaluator.h"
#include "server/expression/folding.h"
#include "server/expression/pattern.h"
#include "server/expression/temporal.h"

namespace tenure::expression {
namespace {

bool IsGetter(Operation operation) { return operation >= Operation::kGetFullYear; }

bool HasNames(const Node& node) {
  return node.kind == NodeKind::kName ||
         std::any_of(node.arguments.begin(), node.arguments.end(),
                     [](const auto& argument) { return HasNames(*argument); });
}

class Search {
 public:
  Search(const Bounds& bounds, std::vector<Failure>* found) : bounds_(bounds), found_(found) {}

  // `in_macro`: a macro's own names stand for items that are not known here.
  void Visit(const Node& node, bool certain, bool in_macro) {
    if (node.kind == NodeKind::kHas) return;  // asks, and does not evaluate
    if (in_macro ? !HasNames(node) : IsClosed(node)) {
      const Value value = Evaluate(node, MapActivation({}), bounds_);
      if (!value.is_error()) return;
      if (value.error().kind == ErrorKind::kCostLimit) {  // of the whole, not of a part
        return Report(node, value.error().message, certain);
      }
      const size_t before = found_->size();
      VisitParts(node, certain, certain, in_macro);
      if (found_->size() == before) Report(node, value.error().message, certain);
      return;
    }
    if (node.kind == NodeKind::kCall) VisitCall(node, certain);
    VisitParts(node, certain, false, in_macro);
  }

 private:
  // `reached`: whether what stands below && and the like is known to be evaluated.
  void VisitParts(const Node& node, bool certain, bool reached, bool in_macro) {
    const bool logic = node.kind == NodeKind::kCall &&
                       (node.operation == Operation::kAnd || node.operation == Operation::kOr);
    const bool choice = node.kind == NodeKind::kCall && node.operation == Operation::kConditional;
    for (size_t i = 0; i < node.arguments.size(); ++i) {
      const bool body = node.kind == NodeKind::kMacro && i > 0;
      const bool may_be_left_out = logic || body || (choice && i > 0);
      Visit(*node.arguments[i], certain && (!may_be_left_out || reached), in_macro || body);
    }
  }

  // Arguments that a call refuses whatever the others are.
  void VisitCall(const Node& node, bool certain) {
    if (node.arguments.size() != 2 || HasNames(*node.arguments[1])) return;
    const Node& argument = *node.arguments[1];
    const Value value = Evaluate(argument, MapActivation({}), bounds_);
    if (value.is_error()) return;  // is said of the argument itself
    if (node.operation == Operation::kMatches && value.kind() == Kind::kString) {
      std::string why;
      if (CompilePattern(value.AsString(), bounds_, &why) == nullptr) {
        Report(argument, why, certain);
      }
    } else if (IsGetter(node.operation) && value.kind() == Kind::kString) {
      if (!FindZone(value.AsString()).has_value()) {
        Report(argument, absl::StrCat("unknown time zone \"", value.AsString(), "\""), certain,
               "write an IANA name such as Europe/Berlin, or an offset such as +02:00");
      }
    } else if ((node.operation == Operation::kDivide || node.operation == Operation::kModulo) &&
               node.type == StaticType::kInt && value.kind() == Kind::kInt && value.AsInt() == 0) {
      Report(argument, "division by zero", certain);
    }
  }

  void Report(const Node& node, std::string message, bool certain, std::string suggestion = "") {
    if (suggestion.empty()) suggestion = Remedy(node);
    found_->push_back(
        {node.offset, node.length, std::move(message), std::move(suggestion), certain});
  }

  // The rules' own way of writing spans and days, which CEL has not: duration('7d') is
  // duration('168h').
  std::string Remedy(const Node& node) const {
    const bool span = node.operation == Operation::kToDuration;
    if (node.kind != NodeKind::kCall || node.arguments.size() != 1 ||
        !(span || node.operation == Operation::kToTimestamp)) {
      return "";
    }
    const Value value = Evaluate(*node.arguments[0], MapActivation({}), bounds_);
    if (value.kind() != Kind::kString) return "";
    if (!span) {
      const absl::StatusOr<int64_t> at = ParseInstant(value.AsString());
      return at.ok() ? absl::StrCat("write timestamp('", FormatInstant(*at), "')") : "";
    }
    const absl::StatusOr<int64_t> parsed = ParseSpan(value.AsString());
    if (!parsed.ok()) return "write hours, minutes or seconds, as in duration('36h')";
    std::string same = absl::StrCat(*parsed / kMicrosPerSecond, "s");
    if (*parsed % kMicrosPerHour == 0) same = absl::StrCat(*parsed / kMicrosPerHour, "h");
    return absl::StrCat("write duration('", same, "')");
  }

  const Bounds& bounds_;
  std::vector<Failure>* const found_;
};

}  // namespace

std::vector<Failure> FindFailures(absl::string_view text, const Schema& schema) {
  std::vector<Problem> problems;
  std::vector<Failure> found;
  const Bounds bounds;
  const auto node = Compile(text, DeclarationsOf(schema), bounds, &problems);
  if (node == nullptr) return found;
  Search(bounds, &found).Visit(*node, true, false);
  std::stable_sort(found.begin(), found.end(),
                   [](const Failure& a, const Failure& b) { return a.offset < b.offset; });
  return found;
}

}  // namespace tenure::expression
