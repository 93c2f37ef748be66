#include "clients/cli/summarize.h"

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/csv.h"
#include "clients/cli/history.h"
#include "clients/cli/numbers.h"
#include "server/base/status.h"
#include "server/base/time.h"

namespace tenure::cli {
namespace {

struct Options {
  std::string file;
  std::string customer;
  std::string date;
  std::string amount;
  std::string unit = "day";
  std::string observation_end;
  std::string holdout;
  std::string output;
};

absl::StatusOr<int64_t> ParseDay(const std::string& text, const char* option) {
  const absl::StatusOr<int64_t> instant = ParseInstant(text);
  if (!instant.ok()) return Annotate(instant.status(), option);
  return DayOf(*instant);
}

absl::Status Load(const Options& options, Histories* histories) {
  TENURE_ASSIGN_OR_RETURN(const std::unique_ptr<CsvReader> reader, CsvReader::Open(options.file));
  TENURE_ASSIGN_OR_RETURN(const size_t customer, reader->Column(options.customer));
  TENURE_ASSIGN_OR_RETURN(const size_t date, reader->Column(options.date));
  size_t amount = 0;
  if (!options.amount.empty()) {
    TENURE_ASSIGN_OR_RETURN(amount, reader->Column(options.amount));
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
    if (!options.amount.empty()) {
      TENURE_ASSIGN_OR_RETURN(spent, NumberField(*reader, fields, amount));
    }
    histories->Add(fields[customer], day, spent);
  }
}

std::string ToCsv(const Options& options, const std::vector<History>& histories, int64_t end_day,
                  double unit) {
  std::string text = "customer,frequency,recency,T";
  if (!options.amount.empty()) text += ",monetary_value";
  if (!options.holdout.empty()) text += ",holdout_frequency";
  text += '\n';
  for (const History& history : histories) {
    absl::StrAppend(&text, CsvField(history.customer), ",", history.frequency, ",",
                    FormatNumber(static_cast<double>(history.recency_days) / unit), ",",
                    FormatNumber(static_cast<double>(end_day - history.first_day) / unit));
    if (!options.amount.empty()) absl::StrAppend(&text, ",", FormatNumber(history.mean_spend));
    if (!options.holdout.empty()) absl::StrAppend(&text, ",", history.holdout_frequency);
    text += '\n';
  }
  return text;
}

nlohmann::ordered_json ToJson(const Options& options, const std::vector<History>& histories,
                              int64_t end_day, double unit) {
  nlohmann::ordered_json document;
  document["unit"] = options.unit;
  document["observation_end"] = FormatDay(end_day * kMicrosPerDay);
  document["customers"] = nlohmann::ordered_json::array();
  for (const History& history : histories) {
    nlohmann::ordered_json row;
    row["customer"] = history.customer;
    row["frequency"] = history.frequency;
    row["recency"] = static_cast<double>(history.recency_days) / unit;
    row["T"] = static_cast<double>(end_day - history.first_day) / unit;
    if (!options.amount.empty()) row["monetary_value"] = history.mean_spend;
    if (!options.holdout.empty()) row["holdout_frequency"] = history.holdout_frequency;
    document["customers"].push_back(std::move(row));
  }
  return document;
}

absl::Status Run(const Options& options, bool json) {
  if (!options.holdout.empty() && options.observation_end.empty()) {
    RefuseUsage(
        "--holdout needs --observation-end: the day that divides what is fitted from what is held "
        "out");
  }
  Histories histories;
  TENURE_RETURN_IF_ERROR(Load(options, &histories));
  int64_t end_day = histories.last_day();
  int64_t holdout_day = end_day;
  if (!options.observation_end.empty()) {
    TENURE_ASSIGN_OR_RETURN(end_day, ParseDay(options.observation_end, "--observation-end"));
    holdout_day = end_day;
  }
  if (!options.holdout.empty()) {
    TENURE_ASSIGN_OR_RETURN(holdout_day, ParseDay(options.holdout, "--holdout"));
    if (holdout_day <= end_day) {
      return absl::InvalidArgumentError("--holdout must be after --observation-end");
    }
  }
  const std::vector<History> rows = histories.Summarize(end_day, holdout_day);
  if (rows.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(options.file, " has no purchase up to ",
                                                   FormatDay(end_day * kMicrosPerDay),
                                                   ", the end of observation"));
  }
  const double unit = options.unit == "week" ? 7 : 1;
  if (!options.output.empty()) {
    TENURE_RETURN_IF_ERROR(WriteFile(options.output, ToCsv(options, rows, end_day, unit)));
  }
  if (json) {
    PrintJson(ToJson(options, rows, end_day, unit));
  } else if (options.output.empty()) {
    const std::string text = ToCsv(options, rows, end_day, unit);
    std::fwrite(text.data(), 1, text.size(), stdout);
  }
  return absl::OkStatus();
}

}  // namespace

void AddSummarize(const Command& app, Session* session) {
  auto options = std::make_shared<Options>();
  const Command command =
      app.Add(session, "summarize",
              "Transactions to frequency, recency, T and monetary_value, one row a customer. "
              "Several purchases of a day count once; the first is no repeat.",
              [session, options] { return Run(*options, session->json); });
  command.AddOption("file", options->file, "CSV of purchases, - for standard input").Required();
  command.AddOption("--customer", options->customer, "column of the customer").Required();
  command.AddOption("--date", options->date, "column of the date, 2018-01-03 or RFC 3339")
      .Required();
  command.AddOption("--amount", options->amount, "column of the amount spent");
  command.AddOption("--unit", options->unit, "unit of recency and T")
      .OneOf({"day", "week"})
      .ShowDefault();
  command.AddOption("--observation-end", options->observation_end,
                    "last day that counts; the last in the file if not given");
  command.AddOption("--holdout", options->holdout,
                    "last day of a holdout period after it: adds holdout_frequency");
  command.AddOption("--output", options->output, "file to write the CSV to");
}

}  // namespace tenure::cli
