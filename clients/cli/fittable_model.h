// The names that `--model` of a command which fits takes.
#ifndef TENURE_CLIENTS_CLI_FITTABLE_MODEL_H_
#define TENURE_CLIENTS_CLI_FITTABLE_MODEL_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace tenure::cli {

// auto, the purchase models of docs/clv.md, and those of regular timing whose k is to be found.
std::vector<std::string> FittableModels();

// Ends the command as wrong usage where it is none of those, nor one of regular timing with its k,
// as mbg_cnbd_3; `more` is said beside the names there are.
void CheckFittable(const std::string& model, absl::string_view more);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_FITTABLE_MODEL_H_
