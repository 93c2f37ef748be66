// `tenure value early`: what a customer who has just been acquired will bring.
#ifndef TENURE_CLIENTS_CLI_EARLY_H_
#define TENURE_CLIENTS_CLI_EARLY_H_

#include "clients/cli/command.h"

namespace tenure::cli {

void AddEarly(const Command& group, Session* session);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_EARLY_H_
