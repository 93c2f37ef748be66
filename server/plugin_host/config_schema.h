// JSON Schema of a plugin's parameters.
#ifndef TENURE_SERVER_PLUGIN_HOST_CONFIG_SCHEMA_H_
#define TENURE_SERVER_PLUGIN_HOST_CONFIG_SCHEMA_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tenure::plugin_host {

struct ConfigProblem {
  std::string pointer;  // JSON pointer (RFC 6901) of the value; of the key where it is unknown
  std::string message;
};

// A parsed schema. Immutable; thread-safe.
class ConfigSchema {
 public:
  // INVALID_ARGUMENT when the text is no JSON Schema of an object that refuses unknown keys
  // (`"type": "object"`, `"additionalProperties": false`).
  static absl::StatusOr<std::unique_ptr<const ConfigSchema>> Parse(absl::string_view json);
  ~ConfigSchema();

  // All problems, at most one a pointer, ordered by pointer; empty when the document is right.
  std::vector<ConfigProblem> Check(absl::string_view json) const;

 private:
  struct Parsed;
  explicit ConfigSchema(std::unique_ptr<const Parsed> parsed);
  const std::unique_ptr<const Parsed> parsed_;
};

}  // namespace tenure::plugin_host

#endif  // TENURE_SERVER_PLUGIN_HOST_CONFIG_SCHEMA_H_
