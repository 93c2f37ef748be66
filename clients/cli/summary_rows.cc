#include "clients/cli/summary_rows.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "clients/cli/csv.h"
#include "clients/cli/numbers.h"
#include "clients/cli/transactions_file.h"
#include "server/base/money.h"
#include "server/transactions/date_parts.h"

namespace tenure::cli {
namespace {

constexpr size_t kDaysKept = 1 << 15;
constexpr int64_t kExactMicros = 1'000'000'000'000'000;  // 15 digits: as text what a double is

void AppendInteger(int64_t value, std::string* text) {
  char digits[24];
  const auto [end, error] = std::to_chars(digits, digits + sizeof(digits), value);
  text->append(digits, end);
}

void AppendNumber(double value, std::string* text) {
  char digits[32];
  const auto [end, error] = std::to_chars(digits, digits + sizeof(digits), value);
  text->append(digits, end);
}

// Micros as units: "22.345".
void AppendUnits(int64_t micros, std::string* text) {
  if (micros < 0 || micros > kExactMicros) return AppendNumber(UnitsFromMicros(micros), text);
  AppendInteger(micros / kMicrosPerUnit, text);
  int64_t rest = micros % kMicrosPerUnit;
  if (rest == 0) return;
  char decimals[] = ".000000";
  size_t length = 7;
  for (size_t i = 6; i > 0; --i, rest /= 10) decimals[i] = static_cast<char>('0' + rest % 10);
  while (decimals[length - 1] == '0') --length;
  text->append(decimals, length);
}

// What CsvField would quote.
bool IsSpecial(char c) { return c == ',' || c == '"' || c == '\r' || c == '\n'; }

void AppendField(absl::string_view value, std::string* csv) {
  if (std::none_of(value.begin(), value.end(), IsSpecial)) {
    csv->append(value.data(), value.size());
  } else {
    csv->append(CsvField(value));
  }
}

std::string Cohort(const transactions::CustomerSummary& row) {
  const auto [year, month] = transactions::MonthOf(static_cast<int32_t>(row.totals.first_day));
  return absl::StrFormat("%04d-%02d", year, month);
}

double MeanSpend(const transactions::CustomerSummary& row) {
  return row.totals.paid_repeats > 0 ? row.observation.mean_spend : 0;
}

}  // namespace

SummaryRows::SummaryRows(SummaryLayout layout) : layout_(std::move(layout)), days_(kDaysKept) {}

std::vector<std::string> SummaryLayout::Columns() const {
  std::vector<std::string> columns = {"customer", "frequency", "recency", "T"};
  if (amounts) columns.push_back("monetary_value");
  if (holdout) columns.push_back("holdout_frequency");
  if (holdout && amounts) columns.push_back("holdout_spend");
  columns.push_back("log_intervals");
  if (kept) columns.push_back("kept");
  if (cohort) columns.push_back("cohort");
  columns.insert(columns.end(), carry.begin(), carry.end());
  return columns;
}

void SummaryRows::AppendHeader(std::string* csv) const {
  const char* between = "";
  for (const std::string& column : layout_.Columns()) {
    *csv += between;
    AppendField(column, csv);
    between = ",";
  }
  *csv += '\n';
}

void SummaryRows::AppendRow(const transactions::CustomerSummary& row, std::string* csv) {
  const transactions::PurchaseTotals& totals = row.totals;
  AppendField(row.customer, csv);
  *csv += ',';
  AppendInteger(totals.periods - 1, csv);
  *csv += ',';
  AppendDays(row.observation.recency_days, csv);
  *csv += ',';
  AppendDays(row.observation.age_days, csv);
  if (layout_.amounts) {
    *csv += ',';
    const int64_t paid = totals.paid_repeats;
    if (paid > 0 && totals.repeat_revenue % paid != 0) {
      AppendNumber(row.observation.mean_spend, csv);
    } else {
      AppendUnits(paid > 0 ? totals.repeat_revenue / paid : 0, csv);
    }
  }
  if (layout_.holdout) {
    *csv += ',';
    AppendInteger(row.holdout_frequency, csv);
    if (layout_.amounts) {
      *csv += ',';
      AppendUnits(row.holdout_spend, csv);
    }
  }
  *csv += ',';
  AppendNumber(LogIntervals(row), csv);
  if (layout_.kept) {
    *csv += ',';
    AppendNumber(row.observation.kept, csv);
  }
  if (layout_.cohort) absl::StrAppend(csv, ",", Cohort(row));
  if (!layout_.carry.empty()) {
    for (absl::string_view value : absl::StrSplit(row.carried, kBetweenCarried)) {
      *csv += ',';
      AppendField(value, csv);
    }
  }
  *csv += '\n';
}

nlohmann::ordered_json SummaryRows::ToJson(const transactions::CustomerSummary& row) const {
  nlohmann::ordered_json json;
  json["customer"] = std::string(row.customer);
  json["frequency"] = row.totals.periods - 1;
  json["recency"] = row.observation.recency_days / layout_.unit_days;
  json["T"] = row.observation.age_days / layout_.unit_days;
  if (layout_.amounts) json["monetary_value"] = MeanSpend(row);
  if (layout_.holdout) json["holdout_frequency"] = row.holdout_frequency;
  if (layout_.holdout && layout_.amounts) {
    json["holdout_spend"] = UnitsFromMicros(row.holdout_spend);
  }
  json["log_intervals"] = LogIntervals(row);
  if (layout_.kept) json["kept"] = row.observation.kept;
  if (layout_.cohort) json["cohort"] = Cohort(row);
  if (!layout_.carry.empty()) {
    const std::vector<std::string> values = absl::StrSplit(row.carried, kBetweenCarried);
    for (size_t i = 0; i < values.size(); ++i) json[layout_.carry[i]] = values[i];
  }
  return json;
}

void SummaryRows::AppendDays(double days, std::string* csv) {
  if (!(days >= 0 && days < kDaysKept)) return AppendNumber(days / layout_.unit_days, csv);
  std::string& text = days_[static_cast<size_t>(days)];
  if (text.empty()) text = FormatNumber(days / layout_.unit_days);
  *csv += text;
}

double SummaryRows::LogIntervals(const transactions::CustomerSummary& row) const {
  if (layout_.unit_days == 1) return row.log_intervals;
  return row.log_intervals - row.observation.frequency * std::log(layout_.unit_days);
}

}  // namespace tenure::cli
