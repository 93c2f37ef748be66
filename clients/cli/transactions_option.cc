#include "clients/cli/transactions_option.h"

#include "server/base/status.h"
#include "server/base/zone.h"

namespace tenure::cli {

TransactionsOption::Needed TransactionsOption::AddTo(const Command& command) {
  const Needed needed = {
      command.AddOption("--customer", columns.customer, "column of the customer"),
      command.AddOption("--date", columns.date, "column of the date or instant")};
  command.AddOption("--amount", columns.amount, "column of the amount; below 0: a refund");
  command.AddOption("--discount", columns.discount,
                    "column of what to take off the amount, which is then before discount");
  command
      .AddOption("--discount-is", discount_is,
                 "what that column says: money, or a share of the amount: 0.10 as a fraction, 10 "
                 "or 10 % as percent")
      .OneOf({"money", "fraction", "percent"})
      .ShowDefault();
  command.AddOption("--order", columns.order,
                    "column of the order: its rows are one purchase, of their sum and first date");
  command.AddOption("--date-format", columns.date_format,
                    "form of the dates, as in %d/%m/%Y; found out if not given, and refused where "
                    "no row tells day from month");
  command.AddOption("--zone", zone, "time zone of the days, and of times without an offset")
      .ShowDefault();
  command.AddOption("--decimal", decimal, "decimal mark of amounts")
      .OneOf({"point", "comma"})
      .ShowDefault();
  command.AddOption("--separator", separator, "what stands between fields")
      .OneOf({",", ";", "semicolon", "tab", "|"})
      .ShowDefault();
  return needed;
}

void TransactionsOption::Check() const {
  if (!columns.discount.empty() && columns.amount.empty()) {
    RefuseUsage("--discount needs --amount, which it is taken off");
  }
  if (discount_is != "money" && columns.discount.empty()) {
    RefuseUsage("--discount-is needs --discount, the column that it is about");
  }
}

absl::StatusOr<TransactionsFormat> TransactionsOption::Format() const {
  TransactionsFormat format = columns;
  TENURE_ASSIGN_OR_RETURN(format.zone, LoadZone(zone));
  format.separator = separator == "tab" ? '\t' : separator == "semicolon" ? ';' : separator[0];
  format.mark =
      decimal == "comma" ? transactions::DecimalMark::kComma : transactions::DecimalMark::kPoint;
  format.discount_is = discount_is == "fraction"  ? DiscountIs::kFraction
                       : discount_is == "percent" ? DiscountIs::kPercent
                                                  : DiscountIs::kMoney;
  return format;
}

}  // namespace tenure::cli
