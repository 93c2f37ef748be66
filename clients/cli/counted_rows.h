// Rows of models that count: occasions, and the renewals of contracts.
#ifndef TENURE_CLIENTS_CLI_COUNTED_ROWS_H_
#define TENURE_CLIENTS_CLI_COUNTED_ROWS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "clients/cli/summary_file.h"

namespace tenure::cli {

// Whether `model` counts occasions: bg_bb, beta_binomial.
bool CountsOccasions(absl::string_view model);

// That the file's last row is one of `model`: whole occasions with one purchase each at most, or
// for sbg and bdw one renewal a period until they end; any row of other models. INVALID_ARGUMENT
// naming line and column.
absl::Status CheckCounts(const SummaryFile& file, const SummaryFields& row,
                         absl::string_view model);
// The same of a file whose unit of time is `units` of the model's. Contracts in another unit than
// their periods go by the calendar, as RenewalsOf has it, and are not counted here.
absl::Status CheckCountsIn(const SummaryFile& file, SummaryFields row, absl::string_view model,
                           double units);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_COUNTED_ROWS_H_
