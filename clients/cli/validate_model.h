// `tenure validate-model`: a model against a holdout, with a report to read.
#ifndef TENURE_CLIENTS_CLI_VALIDATE_MODEL_H_
#define TENURE_CLIENTS_CLI_VALIDATE_MODEL_H_

#include "clients/cli/command.h"

namespace tenure::cli {

void AddValidateModel(const Command& app, Session* session);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_VALIDATE_MODEL_H_
