// The customers of a summary, as a model of purchases and spend sees them.
#ifndef TENURE_CLIENTS_CLI_VALUED_CUSTOMERS_H_
#define TENURE_CLIENTS_CLI_VALUED_CUSTOMERS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cli/model_option.h"
#include "server/clv/history.h"
#include "server/clv/value_model.h"

namespace tenure::cli {

struct ValuedCustomer {
  clv::History history;   // in the file's unit
  double mean_spend = 0;  // of the repeat purchases, as the file has it
  double weight = 1;
  std::vector<std::string> fields;  // as written
};

struct ValuedCustomers {
  std::shared_ptr<const clv::ValueModel> model;
  double units = 1;  // how many of the model's units one of the file's is
  std::vector<std::string> header;
  std::vector<ValuedCustomer> customers;
  double weight = 0;  // of all: how many customers they are

  // A customer's history in the model's unit.
  clv::History HistoryOf(const ValuedCustomer& customer) const;
  // The same with what they spend, in days.
  clv::Observation ObservationOf(const ValuedCustomer& customer) const;
};

// Reads model and summary. Errors name the file, and line and column.
// `weights` names a column of case weights; empty: `weights` where there is one.
absl::StatusOr<ValuedCustomers> LoadCustomers(const ModelOption& option,
                                              const std::string& weights = "");

// One more column for each customer.
struct ValueColumn {
  std::string name;
  std::vector<double> values;  // no number: empty in CSV, null in JSON
};
// The input's columns, these, and where they come from: the model's version, and `basis` (revenue
// or margin) where it isn't empty. On standard output.
// INVALID_ARGUMENT naming one of these columns that the input has already.
absl::Status PrintCustomers(const ValuedCustomers& customers,
                            const std::vector<ValueColumn>& columns, const std::string& basis,
                            bool json);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_VALUED_CUSTOMERS_H_
