// Conditions of the expression language as they stand in the YAML.
#ifndef TENURE_SERVER_RULES_CONDITION_H_
#define TENURE_SERVER_RULES_CONDITION_H_

#include <cstddef>
#include <functional>
#include <string>

#include "absl/strings/string_view.h"
#include "server/rules/draft.h"
#include "server/rules/map_reader.h"

namespace tenure::rules {

// Who reads, and what they may read.
struct ConditionScope {
  std::string what;             // "a stage": for messages
  bool marketing = true;        // false: attributes collected for service may be read
  size_t readable_columns = 0;  // of the schema; later ones are not known yet when it is evaluated
  // Why a column can't be read, empty where it can; null: all can. And what to read instead.
  std::function<std::string(absl::string_view column)> refusal = nullptr;
  std::string remedy = "";
};

// The condition under `key`; without a program when the key is absent. Everything wrong with it is
// a problem at its exact place; one that is always true or always false is a warning.
Condition ReadCondition(MapReader* map, absl::string_view key, const ConditionScope& scope,
                        Draft* draft);

// Reports a column that marketing, or nobody, may read; false then. `reader` begins the message.
bool CheckPurpose(const std::string& column, bool marketing, const std::string& reader,
                  const Mark& mark, Draft* draft);

}  // namespace tenure::rules

#endif  // TENURE_SERVER_RULES_CONDITION_H_
