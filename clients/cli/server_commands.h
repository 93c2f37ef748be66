// The commands that ask a server, each in a file of its own.
#ifndef TENURE_CLIENTS_CLI_SERVER_COMMANDS_H_
#define TENURE_CLIENTS_CLI_SERVER_COMMANDS_H_

#include <string>

#include "clients/cli/session.h"

namespace tenure::cli {

// All of them. After the file commands: `rules publish` joins their `rules`.
void AddServerCommands(CLI::App* app, Session* session);

// The group of that name, made where there is none yet: "rules", "budget".
CLI::App* CommandGroup(CLI::App* app, const std::string& name, const std::string& description);

void AddImport(CLI::App* app, Session* session);
void AddCustomers(CLI::App* app, Session* session);
void AddModels(CLI::App* app, Session* session);
void AddPublish(CLI::App* app, Session* session);
void AddPlan(CLI::App* app, Session* session);
void AddBudget(CLI::App* app, Session* session);
void AddDecide(CLI::App* app, Session* session);
void AddExplain(CLI::App* app, Session* session);
void AddHolds(CLI::App* app, Session* session);
void AddPlugins(CLI::App* app, Session* session);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_SERVER_COMMANDS_H_
