// A file's transactions, gathered in any order and summed up by customer.
#ifndef TENURE_SERVER_TRANSACTIONS_TRANSACTION_TABLE_H_
#define TENURE_SERVER_TRANSACTIONS_TRANSACTION_TABLE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/transactions/customer_summary.h"
#include "server/transactions/large_memory.h"
#include "server/transactions/name_table.h"

namespace tenure::transactions {

// What a row says; views are valid during the call.
struct Transaction {
  absl::string_view customer;
  int64_t local_us = 0;       // by the clock of the file's zone: DayOf is the day
  int64_t amount_micros = 0;  // below 0: a refund
  absl::string_view order;    // with orders only
  absl::string_view carried;  // with carrying only
};

// Memory: 16 bytes a transaction while it is filled, as much again while it is summed up; 60 bytes
// and the name a customer; with orders 70 bytes and its id an order; with carrying 16 bytes a
// transaction. Not thread-safe.
class TransactionTable {
 public:
  struct Shape {
    bool amounts = false;  // else every transaction is a purchase of unknown spend
    bool orders = false;   // transactions of one customer's order are one: amounts summed, the
                           // earliest instant
    bool carries = false;  // keeps what the first purchase carries
  };
  explicit TransactionTable(Shape shape) : shape_(shape) {}

  // RESOURCE_EXHAUSTED beyond four billion of them; OUT_OF_RANGE when an order's sum doesn't fit.
  absl::Status Add(const Transaction& transaction);

  // With orders: what that of a transaction added before comes to so far.
  int64_t OrderAmount(const Transaction& transaction);

  // Transactions, or orders.
  int64_t size() const { return static_cast<int64_t>(size_); }
  // Of all added, 0 without any.
  int32_t first_day() const { return first_day_; }
  int32_t last_day() const { return last_day_; }
  // Whether any amount, or sum of an order, is below 0.
  bool has_refunds() const;
  // Orders whose id several customers have: each has one of its own.
  int64_t shared_orders() const { return static_cast<int64_t>(shared_orders_.size()); }

  // Calls `each` for every customer with a purchase up to the end, in the order they first came.
  // The figures don't depend on the order of transactions. The table is used up. OUT_OF_RANGE
  // naming the customer when a sum of money does not fit; FAILED_PRECONDITION naming customer and
  // day of a refund by RefundRule::kRefuse.
  absl::Status Summarize(const SummaryOptions& options,
                         const std::function<void(const CustomerSummary&)>& each,
                         SummaryCounts* counts);

 private:
  struct Row {
    int64_t amount;
    int32_t day;
    uint32_t customer;
  };
  struct Carried {
    int64_t local_us;
    uint32_t value;
  };
  static constexpr size_t kBlock = size_t{1} << 17;

  static constexpr size_t kWaiting = 16;

  Row& At(size_t i) { return rows_[i / kBlock][i % kBlock]; }
  Carried& CarriedAt(size_t i) { return carried_[i / kBlock][i % kBlock]; }
  void KeepEarlier(const Carried& carried, Carried* kept) const;
  void SettleAll();
  absl::Status Join(const Transaction& transaction, size_t at);
  size_t* FindOrder(const Transaction& transaction, uint32_t customer, bool* is_new);
  std::vector<Carried> FirstCarried(const SummaryOptions& options);

  const Shape shape_;
  // The customers of the last rows, by row: prepared, but not looked up yet. Orders, which need
  // them at once, have none.
  std::array<NameTable::Key, kWaiting> waiting_;
  size_t settled_ = 0;     // rows whose customer is known
  bool negative_ = false;  // whether any amount is
  size_t size_ = 0;
  int32_t first_day_ = 0, last_day_ = 0;
  // In blocks, so that they never move and go one by one while they are sorted.
  std::vector<LargeArray<Row>> rows_;
  std::vector<LargeArray<Carried>> carried_;
  NameTable customers_, values_, orders_;
  std::vector<size_t> order_rows_;  // by order: its row
  // The rows of orders that other customers have too, by order and customer.
  absl::flat_hash_map<uint64_t, size_t> other_rows_;
  absl::flat_hash_map<uint32_t, char> shared_orders_;
};

}  // namespace tenure::transactions

#endif  // TENURE_SERVER_TRANSACTIONS_TRANSACTION_TABLE_H_
