#include "clients/cli/validation_data.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/csv.h"
#include "clients/cli/numbers.h"
#include "clients/cli/summary_file.h"
#include "server/base/status.h"
#include "server/base/time.h"

namespace tenure::cli {
namespace {

std::string Day(int64_t day) { return FormatDay(day * kMicrosPerDay); }

}  // namespace

absl::StatusOr<validation::HoldoutData> ReadHoldoutTransactions(const std::string& path,
                                                                const TransactionsFormat& format,
                                                                int64_t split_day,
                                                                int64_t end_day) {
  transactions::TransactionTable table({!format.amount.empty(), !format.order.empty(), false});
  TransactionsRead read;
  TENURE_RETURN_IF_ERROR(ReadTransactions(path, format, &table, &read));
  const int32_t last_day = table.last_day();
  transactions::SummaryOptions options;
  options.end_day = static_cast<int32_t>(split_day);
  options.holdout_day = static_cast<int32_t>(end_day);
  options.repeat_days = true;
  transactions::SummaryCounts counts;
  validation::HoldoutData data;
  data.has_days = true;
  data.split_day = split_day;
  data.end_day = end_day;
  data.holdout_days = static_cast<double>(end_day - split_day);
  data.last_day = last_day;
  const auto add = [&](const transactions::CustomerSummary& customer) {
    data.observations.push_back(customer.observation);
    data.actual_purchases.push_back(static_cast<double>(customer.holdout_frequency));
    data.first_days.push_back(customer.totals.first_day);
    if (!format.amount.empty()) {
      data.actual_spend.push_back(static_cast<double>(customer.holdout_spend) * 1e-6);
    }
    data.repeat_days.insert(data.repeat_days.end(), customer.repeat_days.begin(),
                            customer.repeat_days.end());
  };
  TENURE_RETURN_IF_ERROR(table.Summarize(options, add, &counts));
  if (data.observations.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " has no purchase up to ", Day(split_day), ", the end of observation"));
  }
  const auto [first, last] = std::minmax_element(data.first_days.begin(), data.first_days.end());
  data.facts = {{"file", path},
                {"rows", absl::StrCat(read.rows)},
                {"customers", absl::StrCat(counts.customers)},
                {"customers left out, whose first purchase is after the split",
                 absl::StrCat(counts.customers_without)},
                {"first purchases", absl::StrCat(Day(*first), " to ", Day(*last))},
                {"split: the model sees purchases up to", Day(split_day)},
                {"held out", absl::StrCat(Day(split_day + 1), " to ", Day(end_day), ", ",
                                          end_day - split_day, " days")},
                {"last purchase in the file", Day(last_day)}};
  if (read.nameless > 0) {
    data.facts.push_back({"rows without a customer, left out", absl::StrCat(read.nameless)});
  }
  return data;
}

absl::StatusOr<validation::HoldoutData> ReadHoldoutSummary(
    const std::string& path, double unit_days, double holdout_days, const std::string& weights,
    const std::vector<std::string>& covariates, const EachRow& each) {
  TENURE_ASSIGN_OR_RETURN(const std::unique_ptr<SummaryFile> file,
                          SummaryFile::Open(path, SummaryColumns{weights, covariates}));
  TENURE_ASSIGN_OR_RETURN(const size_t holdout, file->reader().Column("holdout_frequency"));
  const absl::StatusOr<size_t> spend = file->reader().Column("holdout_spend");
  validation::HoldoutData data;
  data.holdout_days = holdout_days;
  SummaryFields row;
  std::vector<absl::string_view> text;
  while (true) {
    TENURE_ASSIGN_OR_RETURN(const bool found, file->Next(&row, &text));
    if (!found) break;
    if (row.holdout < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat(file->reader().Where(holdout), ": ", text[holdout], " is below 0"));
    }
    TENURE_RETURN_IF_ERROR(each(*file, row, text));
    data.observations.push_back({row.frequency, row.recency * unit_days, row.age * unit_days,
                                 row.mean_spend, 1,
                                 row.log_intervals + row.frequency * std::log(unit_days)});
    data.actual_purchases.push_back(row.holdout);
    if (file->has_weights()) data.weights.push_back(row.weight);
    if (spend.ok()) {
      TENURE_ASSIGN_OR_RETURN(const double spent, NumberField(file->reader(), text, *spend));
      data.actual_spend.push_back(spent);
    }
  }
  if (data.observations.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(path, " has no rows below its header"));
  }
  data.facts = {
      {"file", path},
      {"customers", absl::StrCat(data.observations.size())},
      {"unit of recency and T", absl::StrCat(unit_days, unit_days == 1 ? " day" : " days")},
      {"held out", absl::StrCat(holdout_days, " days")}};
  if (file->has_weights()) {
    const double sum = std::accumulate(data.weights.begin(), data.weights.end(), 0.0);
    data.facts[1] = {"customers",
                     absl::StrCat(sum, " in ", data.observations.size(), " rows, by the column ",
                                  weights.empty() ? "weights" : weights)};
  }
  return data;
}

}  // namespace tenure::cli
