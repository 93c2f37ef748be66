// `tenure fit`: a model from a summary, with its standard errors and verdict.
#ifndef TENURE_CLIENTS_CLI_FIT_H_
#define TENURE_CLIENTS_CLI_FIT_H_

#include "clients/cli/command.h"

namespace tenure::cli {

void AddFit(const Command& app, Session* session);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_FIT_H_
