#include "clients/cli/server_commands.h"

namespace tenure::cli {

void AddServerCommands(const Command& app, Session* session) {
  AddImport(app, session);
  AddCustomers(app, session);
  AddModels(app, session);
  AddModelsValidate(app, session);
  AddPublish(app, session);
  AddPlan(app, session);
  AddBudget(app, session);
  AddDecide(app, session);
  AddExplain(app, session);
  AddHolds(app, session);
  AddPlugins(app, session);
}

}  // namespace tenure::cli
