// How a command is told what a file of transactions looks like.
#ifndef TENURE_CLIENTS_CLI_TRANSACTIONS_OPTION_H_
#define TENURE_CLIENTS_CLI_TRANSACTIONS_OPTION_H_

#include <string>

#include "absl/status/statusor.h"
#include "clients/cli/command.h"
#include "clients/cli/transactions_file.h"

namespace tenure::cli {

struct TransactionsOption {
  TransactionsFormat columns;
  std::string discount_is = "money";
  std::string separator = ",";
  std::string decimal = "point";
  std::string zone = "UTC";

  // Adds the columns of customer, date, amount, discount and order, what discounts are, the form of
  // dates, zone, decimal mark and separator. Returns the options of customer and date.
  struct Needed {
    Option customer, date;
  };
  Needed AddTo(const Command& command);
  // Ends the command as wrong usage where the columns don't go together.
  void Check() const;
  // NOT_FOUND or INVALID_ARGUMENT naming the zone.
  absl::StatusOr<TransactionsFormat> Format() const;
};

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_TRANSACTIONS_OPTION_H_
