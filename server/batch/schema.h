// Names and types of columns.
#ifndef TENURE_SERVER_BATCH_SCHEMA_H_
#define TENURE_SERVER_BATCH_SCHEMA_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tenure {

// The numbers stand in the plugin ABI: never change one.
enum class DType : uint8_t {
  kBool = 1,  // one byte a value, 0 or 1 (Arrow's bool8)
  kInt64 = 2,
  kDouble = 3,
  kString = 4,     // int32 codes into the column's dictionary
  kTimestamp = 5,  // int64 microseconds since the Unix epoch, UTC
  kDuration = 6,   // int64 microseconds
};

// "bool", "int", "double", "string", "timestamp", "duration": the words of the rule language.
absl::string_view DTypeName(DType dtype);
// Bytes of one value in a column.
size_t DTypeSize(DType dtype);

struct Field {
  std::string name;
  DType dtype;
};

// Immutable; thread-safe.
class Schema {
 public:
  // INVALID_ARGUMENT naming a field that stands twice or has no name.
  static absl::StatusOr<Schema> Create(std::vector<Field> fields);

  size_t size() const { return fields_.size(); }
  const Field& field(size_t i) const { return fields_[i]; }
  const std::vector<Field>& fields() const { return fields_; }
  std::optional<size_t> Find(absl::string_view name) const;

 private:
  std::vector<Field> fields_;
  absl::flat_hash_map<std::string, size_t> index_;
};

}  // namespace tenure

#endif  // TENURE_SERVER_BATCH_SCHEMA_H_
