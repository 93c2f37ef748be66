// The commands that ask a server, each in a file of its own.
#ifndef TENURE_CLIENTS_CLI_SERVER_COMMANDS_H_
#define TENURE_CLIENTS_CLI_SERVER_COMMANDS_H_

#include "clients/cli/command.h"

namespace tenure::cli {

// All of them. After the file commands: `rules publish` joins their `rules`.
void AddServerCommands(const Command& app, Session* session);

void AddImport(const Command& app, Session* session);
void AddCustomers(const Command& app, Session* session);
void AddModels(const Command& app, Session* session);
void AddModelsValidate(const Command& app, Session* session);
void AddPublish(const Command& app, Session* session);
void AddPlan(const Command& app, Session* session);
void AddBudget(const Command& app, Session* session);
void AddDecide(const Command& app, Session* session);
void AddExplain(const Command& app, Session* session);
void AddHolds(const Command& app, Session* session);
void AddPlugins(const Command& app, Session* session);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_SERVER_COMMANDS_H_
