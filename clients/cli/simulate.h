// `tenure simulate`: transactions of customers whose truth is known.
#ifndef TENURE_CLIENTS_CLI_SIMULATE_H_
#define TENURE_CLIENTS_CLI_SIMULATE_H_

#include "clients/cli/command.h"

namespace tenure::cli {

void AddSimulate(const Command& app, Session* session);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_SIMULATE_H_
