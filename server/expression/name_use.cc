#include "server/expression/name_use.h"

#include <algorithm>
#include <memory>

#include "server/expression/declarations.h"
#include "server/expression/parser.h"

namespace tenure::expression {
namespace {

void Collect(const Node& node, const Schema& schema, std::vector<NameUse>* uses) {
  if (node.kind == NodeKind::kName && !node.local && schema.Find(node.name).has_value()) {
    uses->push_back({node.name, node.offset});
  }
  for (const auto& argument : node.arguments) Collect(*argument, schema, uses);
}

}  // namespace

std::vector<NameUse> FindNames(absl::string_view text, const Schema& schema) {
  std::vector<Problem> problems;
  std::vector<NameUse> uses;
  const std::unique_ptr<Node> node = Parse(text, Bounds(), &problems);
  if (node == nullptr) return uses;
  Check(node.get(), DeclarationsOf(schema), &problems);
  Collect(*node, schema, &uses);
  std::stable_sort(uses.begin(), uses.end(),
                   [](const NameUse& a, const NameUse& b) { return a.offset < b.offset; });
  return uses;
}

}  // namespace tenure::expression
