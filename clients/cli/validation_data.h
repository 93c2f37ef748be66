// What `tenure validate-model` reads: customers up to a split, and what they did after it.
#ifndef TENURE_CLIENTS_CLI_VALIDATION_DATA_H_
#define TENURE_CLIENTS_CLI_VALIDATION_DATA_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "clients/cli/summary_file.h"
#include "clients/cli/transactions_file.h"
#include "server/validation/model_validation.h"

namespace tenure::cli {

// A CSV of purchases, split after `split_day`, held out up to `end_day`. INVALID_ARGUMENT or
// NOT_FOUND naming file, line and column; INVALID_ARGUMENT where nobody bought up to the split.
absl::StatusOr<validation::HoldoutData> ReadHoldoutTransactions(const std::string& path,
                                                                const TransactionsFormat& format,
                                                                int64_t split_day, int64_t end_day);

// A summary with holdout_frequency, and holdout_spend where it is; `weights` is a column of case
// weights; empty: `weights` where there is one. Errors as above.
// `covariates` are read with it; `each` is asked of every row, and may refuse it.
using EachRow = std::function<absl::Status(const SummaryFile& file, const SummaryFields& row,
                                           absl::Span<const absl::string_view> text)>;
absl::StatusOr<validation::HoldoutData> ReadHoldoutSummary(
    const std::string& path, double unit_days, double holdout_days, const std::string& weights,
    const std::vector<std::string>& covariates, const EachRow& each);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_VALIDATION_DATA_H_
