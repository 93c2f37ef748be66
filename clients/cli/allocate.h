// `tenure allocate`: the planner on files.
#ifndef TENURE_CLIENTS_CLI_ALLOCATE_H_
#define TENURE_CLIENTS_CLI_ALLOCATE_H_

#include "clients/cli/command.h"

namespace tenure::cli {

// tenure allocate --budgets FILE [--values FILE] [--out FILE] [--seconds S]
void AddAllocate(const Command& app, Session* session);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_ALLOCATE_H_
