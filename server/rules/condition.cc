#include "server/rules/condition.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "server/rules/scalar_position.h"

namespace tenure::rules {
namespace {

constexpr size_t kMaxConditionBytes = 8'192;

void CheckColumns(const Condition& condition, const Node& node, const ConditionScope& scope,
                  Draft* draft) {
  for (const std::string& column : condition.program->columns()) {
    const size_t offset = node.text.find(column);
    const Mark mark = draft->problems->At(node.mark.file,
                                          SourceOffset(node, draft->problems->Text(node.mark.file),
                                                       offset == std::string::npos ? 0 : offset));
    CheckPurpose(column, scope.marketing, scope.what, mark, draft);
    const std::optional<size_t> index = draft->set.schema->Find(column);
    if (index.has_value() && *index >= scope.readable_columns) {
      draft->problems->Error(
          mark,
          absl::StrCat("\"", column, "\" is not known yet where ", scope.what, " is evaluated"),
          "stages come first, then segments in the order written, then budgets and campaigns");
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
  const absl::string_view source = problems->Text(node->mark.file);
  for (expression::Problem& problem : found) {
    problems->Error(problems->At(node->mark.file, SourceOffset(*node, source, problem.offset)),
                    std::move(problem.message), std::move(problem.suggestion));
  }
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
  CheckColumns(condition, *node, scope, draft);
  CheckConstant(condition, *node, draft);
  return condition;
}

}  // namespace tenure::rules
