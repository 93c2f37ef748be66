// What the customers of a summary are worth together.
#ifndef TENURE_CLIENTS_CLI_SCORE_TOTALS_H_
#define TENURE_CLIENTS_CLI_SCORE_TOTALS_H_

#include <string>

#include "absl/status/status.h"
#include "server/clv/value_model.h"

namespace tenure::cli {

// Prints the base and, where `by` names a column, each of its values: customers, value and both of
// its intervals, as a table or JSON. `unit_days` is the file's. NOT_FOUND or INVALID_ARGUMENT
// naming file, line and column.
absl::Status PrintTotals(const clv::ValueModel& model, const std::string& path, double unit_days,
                         const std::string& by, bool json);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_SCORE_TOTALS_H_
