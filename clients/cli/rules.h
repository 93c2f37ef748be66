// `tenure rules check|test`: a folder of rules, without a server.
#ifndef TENURE_CLIENTS_CLI_RULES_H_
#define TENURE_CLIENTS_CLI_RULES_H_

#include "clients/cli/command.h"

namespace tenure::cli {

// Adds `rules check DIR` and `rules test DIR`; returns `rules`, for the commands that ask a server.
void AddRulesCommands(const Command& app, Session* session);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_RULES_H_
