// `tenure rfm`: RFM quintiles and value tiers of a file of customers.
#ifndef TENURE_CLIENTS_CLI_RFM_H_
#define TENURE_CLIENTS_CLI_RFM_H_

#include "clients/cli/command.h"

namespace tenure::cli {

void AddRfm(const Command& app, Session* session);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_RFM_H_
