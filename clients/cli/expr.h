// `tenure expr eval`: rule expressions from the shell, one or a stream of them.
#ifndef TENURE_CLIENTS_CLI_EXPR_H_
#define TENURE_CLIENTS_CLI_EXPR_H_

#include "clients/cli/command.h"

namespace tenure::cli {

void AddExprCommands(const Command& app, Session* session);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_EXPR_H_
