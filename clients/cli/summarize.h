// `tenure summarize`: transactions to frequency, recency, T and mean spend.
#ifndef TENURE_CLIENTS_CLI_SUMMARIZE_H_
#define TENURE_CLIENTS_CLI_SUMMARIZE_H_

#include "clients/cli/command.h"

namespace tenure::cli {

void AddSummarize(const Command& app, Session* session);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_SUMMARIZE_H_
