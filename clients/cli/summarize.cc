#include "clients/cli/summarize.h"

#include <algorithm>
#include <cmath>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/numbers.h"
#include "clients/cli/output_file.h"
#include "clients/cli/summary_report.h"
#include "clients/cli/summary_rows.h"
#include "clients/cli/transactions_option.h"
#include "server/base/status.h"
#include "server/base/time.h"
#include "server/transactions/date_reader.h"

namespace tenure::cli {
namespace {

using transactions::RefundRule;

struct Options {
  std::string file;
  TransactionsOption transactions;
  std::string unit = "day";
  int32_t period_days = 1;
  std::string refunds = "net";
  std::string observation_end;
  std::string holdout;
  std::string output;
  bool cohort = false;
  bool strict = false;
  bool quiet = false;
};

absl::StatusOr<int32_t> ParseDay(const std::string& text, absl::TimeZone zone, const char* option) {
  transactions::DateReader reader("%Y-%m-%d", zone);
  const auto local_us = reader.Read(text);
  if (local_us.ok() && local_us->has_value()) return DayOf(**local_us);
  return absl::InvalidArgumentError(
      absl::StrCat(option, ": \"", text, "\" is no date; write 2018-01-03"));
}

// "day", "week" or a number of days.
absl::StatusOr<double> ParseUnit(const std::string& text) {
  if (text == "day") return 1.0;
  if (text == "week") return 7.0;
  const absl::StatusOr<double> days = ParseNumber(text, "--unit");
  if (days.ok() && *days > 0 && *days <= kMostDays) return *days;
  RefuseUsage(
      absl::StrCat("--unit: `", text, "` is not day, week or a number of days up to ", kMostDays));
}

void CheckUsage(const Options& options) {
  if (!options.holdout.empty() && options.observation_end.empty()) {
    RefuseUsage(
        "--holdout needs --observation-end: the day that divides what is fitted from what is held "
        "out");
  }
  options.transactions.Check();
}

absl::StatusOr<TransactionsFormat> FormatOf(const Options& options) {
  TENURE_ASSIGN_OR_RETURN(TransactionsFormat format, options.transactions.Format());
  format.refuse_refunds = options.refunds == "refuse";
  format.refuse_nameless = options.strict;
  format.refuse_padded = options.strict;
  return format;
}

absl::Status SetDays(const Options& options, absl::TimeZone zone,
                     const transactions::TransactionTable& table,
                     transactions::SummaryOptions* summary) {
  summary->end_day = table.last_day();
  if (!options.observation_end.empty()) {
    TENURE_ASSIGN_OR_RETURN(summary->end_day,
                            ParseDay(options.observation_end, zone, "--observation-end"));
  }
  summary->holdout_day = summary->end_day;
  if (options.holdout.empty()) return absl::OkStatus();
  TENURE_ASSIGN_OR_RETURN(summary->holdout_day, ParseDay(options.holdout, zone, "--holdout"));
  if (summary->holdout_day > summary->end_day) return absl::OkStatus();
  return absl::InvalidArgumentError("--holdout must be after --observation-end");
}

// Columns that are carried must not have the name of another, whatever the file turns out to hold.
absl::Status CheckCarried(SummaryLayout layout) {
  layout.amounts = layout.holdout = layout.kept = true;
  std::vector<std::string> columns = layout.Columns();
  std::sort(columns.begin(), columns.end());
  const auto twice = std::adjacent_find(columns.begin(), columns.end());
  if (twice == columns.end()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--carry ", *twice, ": a summary has a column of that name; give it another in ",
                   "the file, and carry each column once"));
}

RefundRule RuleOf(const std::string& name) {
  return name == "net"    ? RefundRule::kNet
         : name == "drop" ? RefundRule::kDrop
                          : RefundRule::kRefuse;
}

absl::Status Write(const Options& options, const SummaryLayout& layout, bool json,
                   transactions::TransactionTable* table, SummaryReport* report) {
  SummaryRows rows(layout);
  if (json && options.output.empty()) {
    nlohmann::ordered_json document;
    document["unit"] = options.unit;
    document["observation_end"] = FormatDay(report->options.end_day * kMicrosPerDay);
    nlohmann::ordered_json customers = nlohmann::ordered_json::array();
    TENURE_RETURN_IF_ERROR(table->Summarize(
        report->options,
        [&](const transactions::CustomerSummary& row) { customers.push_back(rows.ToJson(row)); },
        &report->counts));
    document["report"] = ToJson(*report);
    document["customers"] = std::move(customers);
    if (report->counts.customers > 0) PrintJson(document);
    return absl::OkStatus();
  }
  TENURE_ASSIGN_OR_RETURN(const std::unique_ptr<OutputFile> output,
                          OutputFile::Create(options.output));
  rows.AppendHeader(output->text());
  TENURE_RETURN_IF_ERROR(table->Summarize(
      report->options,
      [&](const transactions::CustomerSummary& row) {
        rows.AppendRow(row, output->text());
        output->Flow();
      },
      &report->counts));
  if (report->counts.customers == 0) return absl::OkStatus();  // nothing to keep
  TENURE_RETURN_IF_ERROR(output->Keep());
  if (json) PrintJson({{"output", options.output}, {"report", ToJson(*report)}});
  return absl::OkStatus();
}

absl::Status Run(const Options& options, bool json) {
  CheckUsage(options);
  SummaryReport report;
  SummaryLayout layout;
  TENURE_ASSIGN_OR_RETURN(layout.unit_days, ParseUnit(options.unit));
  TENURE_ASSIGN_OR_RETURN(const TransactionsFormat format, FormatOf(options));
  layout.holdout = !options.holdout.empty();
  layout.cohort = options.cohort;
  layout.carry = format.carry;
  TENURE_RETURN_IF_ERROR(CheckCarried(layout));
  transactions::TransactionTable::Shape shape;
  shape.amounts = !format.amount.empty();
  shape.orders = !format.order.empty();
  shape.carries = !format.carry.empty();
  transactions::TransactionTable table(shape);
  TENURE_RETURN_IF_ERROR(ReadTransactions(options.file, format, &table, &report.read));
  if (table.size() == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(options.file, report.read.rows == 0 ? " has no rows below its header"
                                                         : " has no purchase with a customer"));
  }
  TENURE_RETURN_IF_ERROR(SetDays(options, format.zone, table, &report.options));
  report.options.period_days = options.period_days;
  report.options.refunds = RuleOf(options.refunds);
  report.file = options.file;
  report.zone = options.transactions.zone;
  report.unit_days = layout.unit_days;
  report.amounts = shape.amounts;
  report.orders = shape.orders;
  report.transactions = table.size();
  report.shared_orders = table.shared_orders();
  report.first_day = table.first_day();
  report.last_day = table.last_day();
  if (options.strict && report.shared_orders > 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        options.file, " column `", format.order, "`: ", report.shared_orders,
        " order ids belong to several customers; make them differ, or leave out --strict"));
  }
  layout.amounts = shape.amounts;
  layout.kept = table.has_refunds() && report.options.refunds == RefundRule::kNet;
  TENURE_RETURN_IF_ERROR(Write(options, layout, json, &table, &report));
  if (report.counts.customers == 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        options.file, " has no purchase up to ", FormatDay(report.options.end_day * kMicrosPerDay),
        ", the end of observation", report.read.nameless > 0 ? ", with a customer" : ""));
  }
  std::cerr << Warning(report);
  if (!json && !options.quiet) std::cerr << ToText(report);
  return absl::OkStatus();
}

void AddOptions(const Command& command, Options* options) {
  command.AddOption("file", options->file, "CSV of purchases, - for standard input").Required();
  const TransactionsOption::Needed needed = options->transactions.AddTo(command);
  needed.customer.Required();
  needed.date.Required();
  command
      .AddOption("--carry", options->transactions.columns.carry,
                 "column to carry along, of the first purchase; may be repeated")
      .OneEach();
  command
      .AddOption("--unit", options->unit,
                 "unit of recency and T: day, week (days / 7), or a "
                 "number of days")
      .ShowDefault();
  command
      .AddOption("--period", options->period_days,
                 "purchases within as many days, counted from the first, count once")
      .WholeIn(1, 3'650)
      .ShowDefault();
  command
      .AddOption("--refunds", options->refunds,
                 "amounts below 0 are never a purchase: net lowers the customer's `kept` share, "
                 "drop forgets them, refuse stops")
      .OneOf({"net", "drop", "refuse"})
      .ShowDefault();
  command.AddOption("--observation-end", options->observation_end,
                    "last day that counts; the last in the file if not given");
  command.AddOption("--holdout", options->holdout,
                    "last day of a holdout period after it: adds holdout_frequency and "
                    "holdout_spend");
  command.AddFlag("--cohort", options->cohort, "adds the month of the first purchase");
  command.AddFlag(
      "--strict", options->strict,
      "refuses rows without a customer or with blanks around it, and orders of several customers");
  command.AddOption("--output", options->output, "file to write the CSV to");
  command.AddFlag("--quiet", options->quiet, "no report on standard error");
}

}  // namespace

void AddSummarize(const Command& app, Session* session) {
  auto options = std::make_shared<Options>();
  const Command command =
      app.Add(session, "summarize",
              "Transactions to frequency, recency, T and monetary_value, one row a customer, with "
              "a report of what was kept, dropped and why. Several purchases of a day count once; "
              "the first is no repeat.",
              [session, options] { return Run(*options, session->json); });
  AddOptions(command, options.get());
}

}  // namespace tenure::cli
