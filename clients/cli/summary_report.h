// What a summary was made of, what was dropped and why: for people and for programs.
#ifndef TENURE_CLIENTS_CLI_SUMMARY_REPORT_H_
#define TENURE_CLIENTS_CLI_SUMMARY_REPORT_H_

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "clients/cli/transactions_file.h"
#include "server/transactions/customer_summary.h"

namespace tenure::cli {

struct SummaryReport {
  std::string file, zone;
  double unit_days = 1;
  bool amounts = false, orders = false;
  transactions::SummaryOptions options;
  TransactionsRead read;
  transactions::SummaryCounts counts;
  int64_t transactions = 0;  // or orders
  int64_t shared_orders = 0;
  int32_t first_day = 0, last_day = 0;
};

nlohmann::ordered_json ToJson(const SummaryReport& report);
// Several lines, the last with its line break.
std::string ToText(const SummaryReport& report);
// Warns that the records end before the holdout does; a line.
std::string EndsBefore(int32_t last_day, int32_t holdout_day);
// What a person should look at; empty where there is nothing.
std::string Warning(const SummaryReport& report);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_SUMMARY_REPORT_H_
