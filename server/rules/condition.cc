#include "server/rules/condition.h"

#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "server/expression/failure.h"
#include "server/expression/name_use.h"
#include "server/rules/scalar_position.h"

namespace tenure::rules {
namespace {

constexpr size_t kMaxConditionBytes = 8'192;

// Where byte `offset` of the condition stands.
Mark MarkOf(const Node& node, size_t offset, const Draft& draft) {
  const absl::string_view source = draft.problems->Text(node.mark.file);
  return draft.problems->At(node.mark.file, SourceOffset(node, source, offset));
}

// Also of a condition that does not compile, so that all of its problems are told at once.
void CheckColumns(const Node& node, const ConditionScope& scope, Draft* draft) {
  std::set<std::string> seen;
  for (const expression::NameUse& use : expression::FindNames(node.text, *draft->set.schema)) {
    if (!seen.insert(use.column).second) continue;
    const Mark mark = MarkOf(node, use.offset, *draft);
    CheckPurpose(use.column, scope.marketing, scope.what, mark, draft);
    const std::string refusal = scope.refusal ? scope.refusal(use.column) : "";
    if (!refusal.empty()) {
      draft->problems->Error(
          mark, absl::StrCat(scope.what, " can't read \"", use.column, "\": ", refusal),
          scope.remedy);
    }
    const std::optional<size_t> index = draft->set.schema->Find(use.column);
    if (index.has_value() && *index >= scope.readable_columns) {
      draft->problems->Error(
          mark,
          absl::StrCat("\"", use.column, "\" is not known yet where ", scope.what, " is evaluated"),
          "stages come first, then segments in the order written, then budgets and campaigns");
    }
  }
  for (expression::ComparedText& compared :
       expression::FindComparedTexts(node.text, *draft->set.schema)) {
    const Mark mark = MarkOf(node, compared.offset, *draft);
    draft->compared.push_back({std::move(compared.column), std::move(compared.text), mark});
  }
}

// What fails whatever the row: the condition would never hold, and nobody would be told.
void CheckFailures(const Node& node, Draft* draft) {
  for (expression::Failure& failure : expression::FindFailures(node.text, *draft->set.schema)) {
    const Mark mark = MarkOf(node, failure.offset, *draft);
    if (failure.certain) {
      draft->problems->Error(mark, absl::StrCat("this fails for everybody: ", failure.message),
                             std::move(failure.suggestion));
    } else {
      draft->problems->Warn(mark, absl::StrCat("this fails where it is reached: ", failure.message),
                            std::move(failure.suggestion));
    }
  }
}

void CheckConstant(const Condition& condition, const Node& node, Draft* draft) {
  bool value = false;
  if (!condition.program->IsConstant(&value)) return;
  if (value) {
    draft->problems->Warn(node.mark, "this condition is always true", "leave it out");
  } else {
    draft->problems->Warn(node.mark, "this condition is always false");
  }
}

}  // namespace

bool CheckPurpose(const std::string& column, bool marketing, const std::string& reader,
                  const Mark& mark, Draft* draft) {
  for (const Attribute& attribute : draft->set.attributes) {
    if (column != absl::StrCat("customer.", attribute.name)) continue;
    if (attribute.protected_class) {
      draft->problems->Error(mark,
                             absl::StrCat(reader, " reads \"", column, "\", a protected attribute"),
                             "protected attributes are kept for the discrimination audit alone");
      return false;
    }
    if (attribute.service_only && marketing) {
      draft->problems->Error(
          mark, absl::StrCat(reader, " reads \"", column, "\", collected for service only"),
          "only campaigns of class service may read it");
      return false;
    }
  }
  return true;
}

Condition ReadCondition(MapReader* map, absl::string_view key, const ConditionScope& scope,
                        Draft* draft) {
  Condition condition;
  condition.mark = map->mark();
  const Node* node = map->Find(key);
  if (node == nullptr) return condition;
  condition.mark = node->mark;
  ProblemList* const problems = draft->problems;
  if (node->kind != Node::Kind::kScalar) {
    problems->Error(
        node->mark,
        absl::StrCat("\"", key, "\": a condition is text, here stands ", KindName(*node)),
        "put the condition in quotes if it begins with [ or {");
    return condition;
  }
  if (node->text.size() > kMaxConditionBytes) {
    problems->Error(node->mark,
                    absl::StrCat("a condition has at most ", kMaxConditionBytes, " bytes"));
    return condition;
  }
  std::vector<expression::Problem> found;
  condition.program = expression::Program::Compile(node->text, *draft->set.schema, &found);
  for (expression::Problem& problem : found) {
    problems->Error(MarkOf(*node, problem.offset, *draft), std::move(problem.message),
                    std::move(problem.suggestion));
  }
  CheckColumns(*node, scope, draft);
  if (condition.program == nullptr) {
    if (found.empty()) problems->Error(node->mark, "this condition can't be compiled");
    return condition;
  }
  if (condition.program->result_type() != DType::kBool) {
    problems->Error(node->mark, absl::StrCat("a condition is true or false, this is of type ",
                                             DTypeName(condition.program->result_type())));
    condition.program = nullptr;
    return condition;
  }
  CheckFailures(*node, draft);
  CheckConstant(condition, *node, draft);
  return condition;
}

}  // namespace tenure::rules
