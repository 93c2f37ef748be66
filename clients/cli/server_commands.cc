#include "clients/cli/server_commands.h"

#include <CLI/CLI.hpp>

namespace tenure::cli {

void AddServerCommands(CLI::App* app, Session* session) {
  AddImport(app, session);
  AddCustomers(app, session);
  AddModels(app, session);
  AddPublish(app, session);
  AddPlan(app, session);
  AddBudget(app, session);
  AddDecide(app, session);
  AddExplain(app, session);
  AddHolds(app, session);
  AddPlugins(app, session);
}

CLI::App* CommandGroup(CLI::App* app, const std::string& name, const std::string& description) {
  for (CLI::App* group : app->get_subcommands([](CLI::App*) { return true; })) {
    if (group->get_name() == name) return group;
  }
  CLI::App* group = app->add_subcommand(name, description);
  group->fallthrough();
  group->require_subcommand(1);
  return group;
}

}  // namespace tenure::cli
