// The models of purchases that rules may ask for: those of docs/clv.md.
#ifndef TENURE_SERVER_RULES_MODEL_NAME_H_
#define TENURE_SERVER_RULES_MODEL_NAME_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace tenure::rules {

// "auto", a model of its own name, or one of regular timing: "mbg_cnbd_3", "bg_cnbd_k".
// Thread-safe.
bool IsModelName(absl::string_view name);
// For suggestions: those without a number in them.
std::vector<std::string> ModelNames();
// Whether it is of contracts, whose renewals are seen to come or not.
bool IsContractModel(absl::string_view name);

}  // namespace tenure::rules

#endif  // TENURE_SERVER_RULES_MODEL_NAME_H_
