// What paces a budget, in words and a table.
#ifndef TENURE_CLIENTS_CLI_BUDGET_PACING_H_
#define TENURE_CLIENTS_CLI_BUDGET_PACING_H_

#include "tenure/v1/budget_service.pb.h"

namespace tenure::cli {

// Below the budget's balances; nothing where it is not paced. To standard output.
void PrintPacing(const tenure::v1::Budget& budget);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_BUDGET_PACING_H_
