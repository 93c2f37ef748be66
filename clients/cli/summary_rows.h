// Rows of a summary as text: what `tenure summarize` writes and SummaryFile reads.
#ifndef TENURE_CLIENTS_CLI_SUMMARY_ROWS_H_
#define TENURE_CLIENTS_CLI_SUMMARY_ROWS_H_

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "server/transactions/customer_summary.h"

namespace tenure::cli {

struct SummaryLayout {
  double unit_days = 1;  // of recency, T and the intervals
  bool amounts = false;
  bool holdout = false;
  bool kept = false;
  bool cohort = false;
  std::vector<std::string> carry;

  // The names of all columns, in their order.
  std::vector<std::string> Columns() const;
};

// Not thread-safe.
class SummaryRows {
 public:
  explicit SummaryRows(SummaryLayout layout);

  void AppendHeader(std::string* csv) const;
  void AppendRow(const transactions::CustomerSummary& row, std::string* csv);
  nlohmann::ordered_json ToJson(const transactions::CustomerSummary& row) const;

 private:
  // Days in the layout's unit; the texts are kept, since there are few and they are slow to make.
  void AppendDays(double days, std::string* csv);
  double LogIntervals(const transactions::CustomerSummary& row) const;

  const SummaryLayout layout_;
  std::vector<std::string> days_;
};

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_SUMMARY_ROWS_H_
