// `tenure score`: what each customer of a summary is worth under a model.
#ifndef TENURE_CLIENTS_CLI_SCORE_H_
#define TENURE_CLIENTS_CLI_SCORE_H_

#include "clients/cli/command.h"

namespace tenure::cli {

void AddScore(const Command& app, Session* session);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_SCORE_H_
