// What a plain scalar means in YAML 1.2's core schema, and the units that rules are written in.
#ifndef TENURE_SERVER_RULES_SCALAR_H_
#define TENURE_SERVER_RULES_SCALAR_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/rules/node.h"

namespace tenure::rules {

enum class ScalarType : uint8_t { kNull, kBool, kInt, kFloat, kString };

// YAML 1.2.2, section 10.3.2. Quoted scalars are strings. Numbers that need more than 64 bits are
// kFloat.
struct TypedScalar {
  ScalarType type = ScalarType::kString;
  bool boolean = false;
  int64_t integer = 0;
  double number = 0;  // of kInt and kFloat
};
TypedScalar TypeOf(const Node& node);

// Each is INVALID_ARGUMENT with what to write instead. Thread-safe.
absl::StatusOr<double> ParseShare(absl::string_view text);  // "10 %", "10%" or "0.10"; in [0, 1]
absl::StatusOr<int32_t> ParseTimeOfDay(absl::string_view text);  // "21:30" in minutes

}  // namespace tenure::rules

#endif  // TENURE_SERVER_RULES_SCALAR_H_
