// `tenure value`: the value formulas of practice, on a summary and a model.
#ifndef TENURE_CLIENTS_CLI_VALUE_H_
#define TENURE_CLIENTS_CLI_VALUE_H_

#include "clients/cli/command.h"

namespace tenure::cli {

void AddValueCommands(const Command& app, Session* session);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_VALUE_H_
