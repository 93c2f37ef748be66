// What `tenure validate-model` reads: customers up to a split, and what they did after it.
#ifndef TENURE_CLIENTS_CLI_VALIDATION_DATA_H_
#define TENURE_CLIENTS_CLI_VALIDATION_DATA_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/clv/value_model.h"

namespace tenure::cli {

// One entry of each vector a customer, but for repeat_days.
struct ValidationData {
  std::vector<clv::Observation> observations;  // as of the split
  std::vector<double> actual_purchases;        // repeat purchase days in the holdout
  std::vector<double> actual_spend;            // in the holdout; empty where it is unknown
  double holdout_days = 0;
  // From transactions only: days counted from 1970-01-01.
  bool has_days = false;
  std::vector<int64_t> first_days;
  std::vector<int64_t> repeat_days;  // of all of them, up to the holdout's end
  int64_t split_day = 0;
  int64_t end_day = 0;
  std::vector<std::pair<std::string, std::string>> facts;  // for the report: what, value
};

struct TransactionColumns {
  std::string customer;
  std::string date;
  std::string amount;  // empty: none
};

// A CSV of purchases, split after `split_day`, held out up to `end_day`. INVALID_ARGUMENT or
// NOT_FOUND naming file, line and column; INVALID_ARGUMENT where nobody bought up to the split.
absl::StatusOr<ValidationData> ReadTransactions(const std::string& path,
                                                const TransactionColumns& columns,
                                                int64_t split_day, int64_t end_day);

// A summary with holdout_frequency, and holdout_spend where it is. Errors as above.
absl::StatusOr<ValidationData> ReadHoldoutSummary(const std::string& path, double unit_days,
                                                  double holdout_days);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_VALIDATION_DATA_H_
