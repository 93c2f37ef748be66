// Rows of a file gathered into orders.
#ifndef TENURE_CLIENTS_CLI_ORDERS_H_
#define TENURE_CLIENTS_CLI_ORDERS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "clients/cli/row_facts.h"

namespace tenure::cli {

// A row, or the rows of one order.
struct Purchase {
  std::string id;
  std::string order;  // its column; empty where the file has none
  std::string customer;
  std::string category;
  int64_t at_us = 0;
  int64_t revenue_micros = 0;
  std::optional<int64_t> margin_micros;
  int64_t dearest_micros = 0;  // of its rows
  int64_t line = 0;            // of its first row
  RowFacts::Facts facts;
};

// An order goes whole or not at all: sent without a row that can't be read, its id would be taken,
// and the mended order a duplicate. Rows of one order may stand anywhere in the file, so every
// order is held until the file has ended: one Purchase each. Not thread-safe.
class Orders {
 public:
  struct Refusal {
    int64_t line;
    std::string why;
  };

  // Another row. OUT_OF_RANGE when the order's sum does not fit; the order is refused then.
  absl::Status Add(Purchase row);

  // `row` can't be read, but perhaps whose it is: refuses its order; without the order's id every
  // order of the customer, without the customer every order of the id. INVALID_ARGUMENT without
  // both: any order may be the one.
  absl::Status Refuse(const Purchase& row);

  // The orders by date, then id; beside them a refusal for each that had readable rows. Last.
  std::pair<std::vector<Purchase>, std::vector<Refusal>> Take();

 private:
  const int64_t* RefusedBy(const Purchase& order) const;  // the line; null when none does

  std::vector<Purchase> orders_;
  absl::flat_hash_map<std::string, size_t> by_id_;
  // To the line that can't be read.
  absl::flat_hash_map<std::string, int64_t> refused_ids_, refused_orders_, refused_customers_;
};

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_ORDERS_H_
