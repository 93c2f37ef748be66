// Rows of a CSV file as transactions, for summaries.
#ifndef TENURE_CLIENTS_CLI_TRANSACTIONS_FILE_H_
#define TENURE_CLIENTS_CLI_TRANSACTIONS_FILE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/transactions/amount.h"
#include "server/transactions/transaction_table.h"

namespace tenure::cli {

// What a column of discounts says.
enum class DiscountIs {
  kMoney,     // what to take off
  kFraction,  // of the amount, 0.10
  kPercent,   // of the amount, 10 or 10 %
};

struct TransactionsFormat {
  // Names of columns; empty where the file has none.
  std::string customer, date, amount, discount, order;
  std::vector<std::string> carry;
  std::string date_format;  // strptime's; empty: found out
  absl::TimeZone zone;
  char separator = ',';
  transactions::DecimalMark mark = transactions::DecimalMark::kPoint;
  DiscountIs discount_is = DiscountIs::kMoney;
  bool refuse_refunds = false;   // rows, or with orders sums, below 0
  bool refuse_nameless = false;  // rows without a customer
  bool refuse_padded = false;    // rows with blanks around the customer
};

// What was found in the file.
struct TransactionsRead {
  int64_t rows = 0;
  int64_t nameless = 0;       // rows without a customer: dropped
  int64_t nameless_line = 0;  // the first of them
  int64_t padded = 0;         // rows whose customer begins or ends with a blank
  int64_t padded_line = 0;    // the first of them
  std::string date_form;      // "dd/mm/yyyy"
  std::string evidence;       // the date that told day from month, where one had to
  int64_t evidence_line = 0;
};

// Between the values of several carried columns.
inline constexpr char kBetweenCarried = '\x1f';

// Streams the file ("-" for standard input) into the table, whose shape fits the format: memory
// grows with what the table holds, and with the rows before one that tells day from month, where
// the form of dates has to be found out. INVALID_ARGUMENT naming file, line, column and remedy.
absl::Status ReadTransactions(const std::string& path, const TransactionsFormat& format,
                              transactions::TransactionTable* table, TransactionsRead* read);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_TRANSACTIONS_FILE_H_
