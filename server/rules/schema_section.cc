#include <array>

#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/rules/features.h"
#include "server/rules/sections.h"

namespace tenure::rules {
namespace {

// Words that an expression can't use as a name: CEL's reserved identifiers.
constexpr std::array<absl::string_view, 21> kReserved = {
    "as",       "break",     "const",  "continue", "else", "false", "for",
    "function", "if",        "import", "in",       "let",  "loop",  "null",
    "package",  "namespace", "return", "true",     "var",  "void",  "while"};

bool CheckName(const Node& node, ProblemList* problems) {
  if (node.kind != Node::Kind::kScalar || !IsId(node.text)) return false;
  for (const absl::string_view word : kReserved) {
    if (node.text != word) continue;
    problems->Error(node.mark, absl::StrCat("\"", word, "\" is a word of the expression language"),
                    "choose another name");
    return false;
  }
  return true;
}

Attribute ReadAttribute(const Node& node, Draft* draft) {
  MapReader map(node, "an attribute", draft->problems);
  Attribute attribute;
  const Node* name = map.Require("name");
  if (map.Id("name", &attribute.name) && !CheckName(*name, draft->problems)) attribute.name = "";
  map.Choice<DType>("type",
                    {{"string", DType::kString},
                     {"int", DType::kInt64},
                     {"double", DType::kDouble},
                     {"bool", DType::kBool},
                     {"timestamp", DType::kTimestamp}},
                    &attribute.dtype);
  map.Flag("service_only", &attribute.service_only);
  map.Flag("protected_class", &attribute.protected_class);
  map.Finish();
  return attribute;
}

// The ids under a key's items that can stand in an expression, each once. What is wrong with the
// others is said where the item is read.
std::vector<std::string> PeekIds(MapReader* root, absl::string_view key, ProblemList* problems) {
  std::vector<std::string> ids;
  for (const NodePtr& item : root->Items(key)) {
    for (const Node::Entry& entry : item->entries) {
      if (entry.key->text != "id" || !CheckName(*entry.value, problems)) continue;
      if (std::find(ids.begin(), ids.end(), entry.value->text) == ids.end()) {
        ids.push_back(entry.value->text);
      }
    }
  }
  return ids;
}

}  // namespace

void DeclareSchema(MapReader* root, Draft* draft) {
  std::vector<Field> fields;
  for (const FeatureInfo& feature : Features()) {
    fields.push_back({std::string(feature.name), feature.dtype});
  }
  const std::vector<std::string> tracks = PeekIds(root, "tracks", draft->problems);
  for (size_t i = 1; i < tracks.size(); ++i) {
    fields.push_back({absl::StrCat("track.", tracks[i]), DType::kString});
  }
  IdSet names("attribute", draft->problems);
  const std::vector<NodePtr>& attributes = root->Items("attributes");
  if (!CheckCount(attributes, Limits().attributes_per_customer, "attributes", draft->problems)) {
    return;
  }
  for (const NodePtr& node : attributes) {
    Attribute attribute = ReadAttribute(*node, draft);
    if (attribute.name.empty()) continue;
    names.Add(attribute.name, node->mark);
    const std::string column = absl::StrCat("customer.", attribute.name);
    const bool known = std::any_of(fields.begin(), fields.end(),
                                   [&](const Field& field) { return field.name == column; });
    if (known) continue;
    fields.push_back({column, attribute.dtype});
    draft->set.attributes.push_back(std::move(attribute));
  }
  draft->first_segment_column = fields.size();
  for (const std::string& id : PeekIds(root, "segments", draft->problems)) {
    fields.push_back({absl::StrCat("segment.", id), DType::kBool});
  }
  absl::StatusOr<Schema> schema = Schema::Create(std::move(fields));
  TENURE_CHECK(schema.ok());  // the names are distinct and not empty
  draft->set.schema = std::make_shared<const Schema>(*std::move(schema));
}

}  // namespace tenure::rules
