// Values of the expression language as JSON: plain, or typed so that nothing is lost.
#ifndef TENURE_CLIENTS_CLI_EXPR_JSON_H_
#define TENURE_CLIENTS_CLI_EXPR_JSON_H_

#include <nlohmann/json.hpp>

#include "absl/status/statusor.h"
#include "server/expression/value.h"

namespace tenure::cli {

// Plain: null, booleans, strings, arrays, objects; a number is an int when it is written without
// fraction and exponent and fits, a uint when only that fits, else a double. INVALID_ARGUMENT when
// nested too deep.
absl::StatusOr<expression::Value> ValueOfJson(const nlohmann::ordered_json& json);
// Typed: {"int":"5"}, {"uint":"5"}, {"double":1.5 or "NaN", "Infinity", "-Infinity"},
// {"string":""}, {"bytes":"base64"}, {"bool":true}, {"null":null}, {"list":[…]},
// {"map":[[k,v],…]}, {"timestamp":"RFC 3339"}, {"duration":"3.5s"}, {"type":"int"}.
// INVALID_ARGUMENT naming what is wrong.
absl::StatusOr<expression::Value> ValueOfTypedJson(const nlohmann::ordered_json& json);

// Not for errors. In plain JSON bytes are base64, timestamps, durations and types are strings, and
// keys of maps become strings.
nlohmann::ordered_json JsonOf(const expression::Value& value);
nlohmann::ordered_json TypedJsonOf(const expression::Value& value);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_EXPR_JSON_H_
