#include "server/batch/schema.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace tenure {

absl::string_view DTypeName(DType dtype) {
  switch (dtype) {
    case DType::kBool:
      return "bool";
    case DType::kInt64:
      return "int";
    case DType::kDouble:
      return "double";
    case DType::kString:
      return "string";
    case DType::kTimestamp:
      return "timestamp";
    case DType::kDuration:
      return "duration";
  }
  return "unknown";
}

size_t DTypeSize(DType dtype) {
  switch (dtype) {
    case DType::kBool:
      return 1;
    case DType::kString:
      return 4;
    case DType::kInt64:
    case DType::kDouble:
    case DType::kTimestamp:
    case DType::kDuration:
      return 8;
  }
  return 8;
}

absl::StatusOr<Schema> Schema::Create(std::vector<Field> fields) {
  Schema schema;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].name.empty()) {
      return absl::InvalidArgumentError(absl::StrCat("column ", i, " has no name"));
    }
    if (!schema.index_.emplace(fields[i].name, i).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("column \"", fields[i].name, "\" stands twice"));
    }
  }
  schema.fields_ = std::move(fields);
  return schema;
}

std::optional<size_t> Schema::Find(absl::string_view name) const {
  const auto it = index_.find(name);
  if (it == index_.end()) return std::nullopt;
  return it->second;
}

}  // namespace tenure
