#include "clients/cli/summary_report.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/base/money.h"
#include "server/base/time.h"

namespace tenure::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string Day(int32_t day) { return FormatDay(day * kMicrosPerDay); }

const char* NameOf(transactions::RefundRule rule) {
  switch (rule) {
    case transactions::RefundRule::kNet:
      return "net";
    case transactions::RefundRule::kDrop:
      return "drop";
    case transactions::RefundRule::kRefuse:
      return "refuse";
  }
  return "";
}

const char* WhatRefundsDo(transactions::RefundRule rule) {
  return rule == transactions::RefundRule::kNet
             ? "no purchases; they lower `kept`, the share of what a customer bought that is left"
             : "dropped, by --refunds drop";
}

std::string LaterThanRecords(int32_t last_day, absl::string_view what, int32_t end_day) {
  return absl::StrCat("the last purchase is of ", Day(last_day), ", but ", what, " ends on ",
                      Day(end_day),
                      "; if the records end there, what wasn't recorded counts as not bought");
}

// What a person should look at, a sentence each.
std::vector<std::string> Warnings(const SummaryReport& report) {
  std::vector<std::string> warnings;
  const transactions::SummaryOptions& options = report.options;
  if (report.last_day < options.end_day) {
    warnings.push_back(LaterThanRecords(report.last_day, "the observation", options.end_day));
  } else if (options.holdout_day > options.end_day && report.last_day < options.holdout_day) {
    warnings.push_back(LaterThanRecords(report.last_day, "the holdout", options.holdout_day));
  }
  const TransactionsRead& read = report.read;
  if (!read.evidence.empty()) {
    warnings.push_back(absl::StrCat("dates read as ", read.date_form, ", since line ",
                                    read.evidence_line, " has `", read.evidence,
                                    "`; --date-format says so for certain"));
  }
  if (report.shared_orders > 0) {
    warnings.push_back(
        absl::StrCat(report.shared_orders,
                     " order ids belong to several customers; each has an order of its own"));
  }
  if (read.padded > 0) {
    warnings.push_back(
        absl::StrCat(read.padded, " rows have blanks around the customer, the first on line ",
                     read.padded_line, ": another customer than the same without them"));
  }
  return warnings;
}

}  // namespace

std::string EndsBefore(int32_t last_day, int32_t holdout_day) {
  return absl::StrCat("warning: ", LaterThanRecords(last_day, "the holdout", holdout_day), "\n");
}

Json ToJson(const SummaryReport& report) {
  const transactions::SummaryCounts& counts = report.counts;
  Json json;
  json["file"] = report.file;
  json["rows"] = report.read.rows;
  json[report.orders ? "orders" : "transactions"] = report.transactions;
  json["customers"] = counts.customers;
  json["purchases"] = counts.purchases;
  if (report.options.holdout_day > report.options.end_day) {
    json["holdout_purchases"] = counts.held_out;
  }
  if (report.amounts) {
    json["sold"] = UnitsFromMicros(counts.sold);
    json["free_purchases"] = counts.free;
    json["refunds"] = {{"rule", NameOf(report.options.refunds)},
                       {"count", counts.refunds},
                       {"amount", UnitsFromMicros(counts.refunded)}};
  }
  json["dropped"] = {{"rows_without_customer", report.read.nameless},
                     {"first_line_without_customer",
                      report.read.nameless > 0 ? Json(report.read.nameless_line) : Json(nullptr)},
                     {"purchases_after_the_end", counts.after},
                     {"customers_without_purchase", counts.customers_without}};
  if (report.orders) json["orders_of_several_customers"] = report.shared_orders;
  json["first_day"] = Day(report.first_day);
  json["last_day"] = Day(report.last_day);
  json["observation_end"] = Day(report.options.end_day);
  if (report.options.holdout_day > report.options.end_day) {
    json["holdout_end"] = Day(report.options.holdout_day);
  }
  json["unit_days"] = report.unit_days;
  json["period_days"] = report.options.period_days;
  json["zone"] = report.zone;
  json["dates"] = {
      {"form", report.read.date_form},
      {"told_by", report.read.evidence.empty() ? Json(nullptr) : Json(report.read.evidence)},
      {"told_by_line",
       report.read.evidence.empty() ? Json(nullptr) : Json(report.read.evidence_line)}};
  json["warnings"] = Warnings(report);
  return json;
}

std::string ToText(const SummaryReport& report) {
  const transactions::SummaryCounts& counts = report.counts;
  const bool holdout = report.options.holdout_day > report.options.end_day;
  std::string text = absl::StrFormat(
      "%s: %d rows%s, %s to %s (%s, %s)\n", report.file, report.read.rows,
      report.orders ? absl::StrCat(" of ", report.transactions, " orders") : "",
      Day(report.first_day), Day(report.last_day), report.read.date_form, report.zone);
  absl::StrAppendFormat(&text, "kept %d customers with %d purchases up to %s", counts.customers,
                        counts.purchases, Day(report.options.end_day));
  if (report.amounts) absl::StrAppendFormat(&text, ", sold for %s", DisplayMicros(counts.sold));
  if (holdout) {
    absl::StrAppendFormat(&text, "; holdout to %s: %d purchases", Day(report.options.holdout_day),
                          counts.held_out);
  }
  absl::StrAppendFormat(&text, "; times in units of %g day%s\n", report.unit_days,
                        report.unit_days == 1 ? "" : "s");
  if (counts.refunds > 0) {
    absl::StrAppendFormat(&text, "%d refunds, %s: %s\n", counts.refunds,
                          DisplayMicros(counts.refunded), WhatRefundsDo(report.options.refunds));
  }
  if (counts.free > 0) {
    absl::StrAppendFormat(&text, "%d purchases of amount 0: they count, but not in the spend\n",
                          counts.free);
  }
  if (report.read.nameless > 0) {
    absl::StrAppendFormat(&text, "dropped %d rows without a customer, the first on line %d\n",
                          report.read.nameless, report.read.nameless_line);
  }
  if (counts.after > 0) {
    absl::StrAppendFormat(&text, "dropped %d purchases after %s\n", counts.after,
                          Day(report.options.holdout_day));
  }
  if (counts.customers_without > 0) {
    absl::StrAppendFormat(&text, "left out %d customers without a purchase up to %s\n",
                          counts.customers_without, Day(report.options.end_day));
  }
  return text;
}

std::string Warning(const SummaryReport& report) {
  std::string text;
  for (const std::string& each : Warnings(report)) {
    absl::StrAppend(&text, "warning: ", each, "\n");
  }
  return text;
}

}  // namespace tenure::cli
