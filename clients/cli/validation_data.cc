#include "clients/cli/validation_data.h"

#include <algorithm>
#include <memory>
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/csv.h"
#include "clients/cli/history.h"
#include "clients/cli/numbers.h"
#include "clients/cli/summary_file.h"
#include "server/base/status.h"
#include "server/base/time.h"

namespace tenure::cli {
namespace {

struct Purchase {
  uint32_t customer;
  int64_t day;
  double amount;
};

// The purchases of a file: summarised up to the split, and each by itself for what came after.
struct Purchases {
  Histories histories;
  absl::flat_hash_map<std::string, uint32_t> customers;
  std::vector<Purchase> all;
};

absl::Status Load(const std::string& path, const TransactionColumns& columns, Purchases* out) {
  TENURE_ASSIGN_OR_RETURN(const std::unique_ptr<CsvReader> reader, CsvReader::Open(path));
  TENURE_ASSIGN_OR_RETURN(const size_t customer, reader->Column(columns.customer));
  TENURE_ASSIGN_OR_RETURN(const size_t date, reader->Column(columns.date));
  size_t amount = 0;
  if (!columns.amount.empty()) {
    TENURE_ASSIGN_OR_RETURN(amount, reader->Column(columns.amount));
  }
  DateColumn dates(reader.get(), date);
  std::vector<absl::string_view> fields;
  while (true) {
    TENURE_ASSIGN_OR_RETURN(const bool found, reader->Next(&fields));
    if (!found) return absl::OkStatus();
    if (fields[customer].empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat(reader->Where(customer), ": is empty; every purchase needs its customer"));
    }
    TENURE_ASSIGN_OR_RETURN(const int64_t day, dates.Day(fields));
    double spent = 0;
    if (!columns.amount.empty()) {
      TENURE_ASSIGN_OR_RETURN(spent, NumberField(*reader, fields, amount));
    }
    out->histories.Add(fields[customer], day, spent);
    const auto next = static_cast<uint32_t>(out->customers.size());
    const auto known = out->customers.try_emplace(fields[customer], next).first;
    out->all.push_back({known->second, day, spent});
  }
}

// Repeat purchase days and the holdout's spend of the customers that `rows` names.
void AddDays(const std::vector<int64_t>& rows, bool has_amount, Purchases* purchases,
             validation::HoldoutData* data) {
  std::sort(purchases->all.begin(), purchases->all.end(), [](const Purchase& l, const Purchase& r) {
    return std::tie(l.customer, l.day, l.amount) < std::tie(r.customer, r.day, r.amount);
  });
  if (has_amount) data->actual_spend.assign(data->observations.size(), 0.0);
  const Purchase* before = nullptr;
  for (const Purchase& purchase : purchases->all) {
    const int64_t row = rows[purchase.customer];
    if (row < 0 || purchase.day > data->end_day) continue;
    const bool first = before == nullptr || before->customer != purchase.customer;
    if (!first && before->day != purchase.day) data->repeat_days.push_back(purchase.day);
    before = &purchase;
    if (has_amount && purchase.day > data->split_day) {
      data->actual_spend[static_cast<size_t>(row)] += purchase.amount;
    }
  }
}

std::string Day(int64_t day) { return FormatDay(day * kMicrosPerDay); }

}  // namespace

absl::StatusOr<validation::HoldoutData> ReadTransactions(const std::string& path,
                                                         const TransactionColumns& columns,
                                                         int64_t split_day, int64_t end_day) {
  Purchases purchases;
  TENURE_RETURN_IF_ERROR(Load(path, columns, &purchases));
  const std::vector<History> histories = purchases.histories.Summarize(split_day, end_day);
  if (histories.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " has no purchase up to ", Day(split_day), ", the end of observation"));
  }
  validation::HoldoutData data;
  data.has_days = true;
  data.split_day = split_day;
  data.end_day = end_day;
  data.holdout_days = static_cast<double>(end_day - split_day);
  std::vector<int64_t> rows(purchases.customers.size(), -1);
  for (const History& history : histories) {
    rows[purchases.customers[history.customer]] = static_cast<int64_t>(data.observations.size());
    data.observations.push_back(
        {static_cast<double>(history.frequency), static_cast<double>(history.recency_days),
         static_cast<double>(split_day - history.first_day), history.mean_spend});
    data.actual_purchases.push_back(static_cast<double>(history.holdout_frequency));
    data.first_days.push_back(history.first_day);
  }
  AddDays(rows, !columns.amount.empty(), &purchases, &data);
  const auto [first, last] = std::minmax_element(data.first_days.begin(), data.first_days.end());
  data.facts = {{"file", path},
                {"rows", absl::StrCat(purchases.all.size())},
                {"customers", absl::StrCat(histories.size())},
                {"customers left out, whose first purchase is after the split",
                 absl::StrCat(purchases.customers.size() - histories.size())},
                {"first purchases", absl::StrCat(Day(*first), " to ", Day(*last))},
                {"split: the model sees purchases up to", Day(split_day)},
                {"held out", absl::StrCat(Day(split_day + 1), " to ", Day(end_day), ", ",
                                          end_day - split_day, " days")},
                {"last purchase in the file", Day(purchases.histories.last_day())}};
  return data;
}

absl::StatusOr<validation::HoldoutData> ReadHoldoutSummary(const std::string& path,
                                                           double unit_days, double holdout_days) {
  TENURE_ASSIGN_OR_RETURN(const std::unique_ptr<SummaryFile> file, SummaryFile::Open(path, ""));
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
    data.observations.push_back(
        {row.frequency, row.recency * unit_days, row.age * unit_days, row.mean_spend});
    data.actual_purchases.push_back(row.holdout);
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
  return data;
}

}  // namespace tenure::cli
