#include "server/expression/name_use.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "server/expression/declarations.h"
#include "server/expression/parser.h"

namespace tenure::expression {
namespace {

bool IsColumn(const Node& node, const Schema& schema) {
  return node.kind == NodeKind::kName && !node.local && schema.Find(node.name).has_value();
}

void Collect(const Node& node, const Schema& schema, std::vector<NameUse>* uses) {
  if (IsColumn(node, schema)) uses->push_back({node.name, node.offset});
  for (const auto& argument : node.arguments) Collect(*argument, schema, uses);
}

void AddTexts(const std::string& column, const Node& other, std::vector<ComparedText>* texts) {
  if (other.kind == NodeKind::kLiteral && other.value.kind() == Kind::kString) {
    texts->push_back({column, other.value.AsString(), other.offset});
  }
  if (other.kind != NodeKind::kList) return;
  for (const auto& item : other.arguments) AddTexts(column, *item, texts);
}

void CollectTexts(const Node& node, const Schema& schema, std::vector<ComparedText>* texts) {
  if (node.operation == Operation::kEqual || node.operation == Operation::kNotEqual ||
      node.operation == Operation::kIn) {
    const Node& a = *node.arguments[0];
    const Node& b = *node.arguments[1];
    if (IsColumn(a, schema)) AddTexts(a.name, b, texts);
    if (IsColumn(b, schema)) AddTexts(b.name, a, texts);
  }
  for (const auto& argument : node.arguments) CollectTexts(*argument, schema, texts);
}

// Null where the text can't be parsed.
std::unique_ptr<Node> Checked(absl::string_view text, const Schema& schema) {
  std::vector<Problem> problems;
  std::unique_ptr<Node> node = Parse(text, Bounds(), &problems);
  if (node != nullptr) Check(node.get(), DeclarationsOf(schema), &problems);
  return node;
}

template <typename Use>
std::vector<Use> AsWritten(std::vector<Use> uses) {
  std::stable_sort(uses.begin(), uses.end(),
                   [](const Use& a, const Use& b) { return a.offset < b.offset; });
  return uses;
}

}  // namespace

std::vector<NameUse> FindNames(absl::string_view text, const Schema& schema) {
  std::vector<NameUse> uses;
  const std::unique_ptr<Node> node = Checked(text, schema);
  if (node != nullptr) Collect(*node, schema, &uses);
  return AsWritten(std::move(uses));
}

std::vector<ComparedText> FindComparedTexts(absl::string_view text, const Schema& schema) {
  std::vector<ComparedText> texts;
  const std::unique_ptr<Node> node = Checked(text, schema);
  if (node != nullptr) CollectTexts(*node, schema, &texts);
  return AsWritten(std::move(texts));
}

}  // namespace tenure::expression
