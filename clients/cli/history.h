// Purchase days per customer, gathered from transactions in any order.
#ifndef TENURE_CLIENTS_CLI_HISTORY_H_
#define TENURE_CLIENTS_CLI_HISTORY_H_

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace tenure::cli {

// One customer up to the split day. Days count from 1970-01-01.
struct History {
  std::string customer;
  int64_t first_day = 0;
  int64_t frequency = 0;  // repeat purchase days up to the end of observation
  int64_t recency_days = 0;
  double mean_spend = 0;          // per repeat purchase day
  int64_t holdout_frequency = 0;  // purchase days after it
};

// Memory grows with the transactions: 24 bytes each, and the customers' names. Not thread-safe.
class Histories {
 public:
  void Add(absl::string_view customer, int64_t day, double amount);
  // The latest day added; 0 when there is none.
  int64_t last_day() const { return last_day_; }
  // Customers with a purchase up to `end_day`, in the order they first appeared. Several purchases
  // of one day are one; those in (end_day, holdout_day] count as holdout.
  std::vector<History> Summarize(int64_t end_day, int64_t holdout_day);

 private:
  struct Purchase {
    uint32_t customer;
    int32_t day;
    double amount;
  };
  std::deque<std::string> names_;  // never move: index_ points into them
  absl::flat_hash_map<absl::string_view, uint32_t> index_;
  std::vector<Purchase> purchases_;
  int64_t last_day_ = 0;
};

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_HISTORY_H_
