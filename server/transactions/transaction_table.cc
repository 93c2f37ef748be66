#include "server/transactions/transaction_table.h"

#include <algorithm>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/base/time.h"

namespace tenure::transactions {
namespace {

constexpr uint32_t kNothing = 0xFFFF'FFFF;

}  // namespace

absl::Status TransactionTable::Add(const Transaction& transaction) {
  const int32_t day = DayOf(transaction.local_us);
  if (size_ == 0) first_day_ = last_day_ = day;
  first_day_ = std::min(first_day_, day);
  last_day_ = std::max(last_day_, day);
  negative_ = negative_ || transaction.amount_micros < 0;
  uint32_t customer = kNothing;
  if (shape_.orders) {
    customer = customers_.Add(transaction.customer);
    bool is_new = false;
    size_t* const row = FindOrder(transaction, customer, &is_new);
    if (!is_new) return Join(transaction, *row);
    *row = size_;
  } else {
    NameTable::Key& key = waiting_[size_ % kWaiting];
    if (size_ - settled_ == kWaiting) At(settled_++).customer = customers_.Add(key);
    customers_.Prepare(transaction.customer, &key);
  }
  if (size_ >= NameTable::kMost) {
    return absl::ResourceExhaustedError(
        "more than four billion transactions; split the file by customers");
  }
  if (size_ % kBlock == 0) {
    rows_.push_back(MakeLargeArray<Row>(kBlock));
    if (shape_.carries) carried_.push_back(MakeLargeArray<Carried>(kBlock));
  }
  At(size_) = {transaction.amount_micros, day, customer};
  if (shape_.carries) {
    CarriedAt(size_) = {transaction.local_us, values_.Add(transaction.carried)};
  }
  ++size_;
  return absl::OkStatus();
}

void TransactionTable::SettleAll() {
  if (shape_.orders) return;
  for (; settled_ < size_; ++settled_) {
    At(settled_).customer = customers_.Add(waiting_[settled_ % kWaiting]);
  }
}

bool TransactionTable::has_refunds() const {
  if (!shape_.amounts || !shape_.orders) return shape_.amounts && negative_;
  for (size_t i = 0; i < size_ && negative_; ++i) {
    if (rows_[i / kBlock][i % kBlock].amount < 0) return true;
  }
  return false;
}

size_t* TransactionTable::FindOrder(const Transaction& transaction, uint32_t customer,
                                    bool* is_new) {
  const uint32_t order = orders_.Add(transaction.order);
  *is_new = order == order_rows_.size();
  if (*is_new) return &order_rows_.emplace_back();
  if (At(order_rows_[order]).customer == customer) return &order_rows_[order];
  shared_orders_.emplace(order, 0);
  const auto [found, inserted] =
      other_rows_.try_emplace(uint64_t{order} << 32 | customer, size_t{0});
  *is_new = inserted;
  return &found->second;
}

int64_t TransactionTable::OrderAmount(const Transaction& transaction) {
  bool is_new = false;
  return At(*FindOrder(transaction, customers_.Add(transaction.customer), &is_new)).amount;
}

absl::Status TransactionTable::Join(const Transaction& transaction, size_t at) {
  Row& row = At(at);
  row.day = std::min(row.day, DayOf(transaction.local_us));
  if (shape_.carries) {
    KeepEarlier({transaction.local_us, values_.Add(transaction.carried)}, &CarriedAt(at));
  }
  if (!__builtin_add_overflow(row.amount, transaction.amount_micros, &row.amount) &&
      row.amount != std::numeric_limits<int64_t>::min()) {
    return absl::OkStatus();
  }
  return absl::OutOfRangeError(
      absl::StrCat("the amounts of order `", transaction.order,
                   "` add up to more than money holds (9.2e12); are they in the right unit?"));
}

// Of the same instant the text decides, not the order they came in.
void TransactionTable::KeepEarlier(const Carried& carried, Carried* kept) const {
  const bool earlier =
      kept->value == kNothing || carried.local_us < kept->local_us ||
      (carried.local_us == kept->local_us && values_.Get(carried.value) < values_.Get(kept->value));
  if (earlier) *kept = carried;
}

std::vector<TransactionTable::Carried> TransactionTable::FirstCarried(
    const SummaryOptions& options) {
  std::vector<Carried> first(shape_.carries ? customers_.size() : 0, Carried{0, kNothing});
  for (size_t i = 0; i < size_ && shape_.carries; ++i) {
    const Row& row = At(i);
    const bool purchase = !shape_.amounts || row.amount >= 0;
    if (purchase && row.day <= options.end_day) KeepEarlier(CarriedAt(i), &first[row.customer]);
  }
  return first;
}

absl::Status TransactionTable::Summarize(const SummaryOptions& options,
                                         const std::function<void(const CustomerSummary&)>& each,
                                         SummaryCounts* counts) {
  SettleAll();
  const std::vector<Carried> first = FirstCarried(options);
  carried_.clear();
  // A counting sort by customer: ends[c] becomes the end of customer c's deals.
  std::vector<uint32_t> ends(customers_.size() + 1, 0);
  for (size_t i = 0; i < size_; ++i) ++ends[At(i).customer + 1];
  for (size_t c = 1; c < ends.size(); ++c) ends[c] += ends[c - 1];
  const LargeArray<Deal> deals = MakeLargeArray<Deal>(size_);
  for (size_t i = 0; i < size_; ++i) {
    const Row& row = At(i);
    // Where later rows go is random: their places are on their way from memory meanwhile.
    if (i + 2 * kWaiting < size_) {
      __builtin_prefetch(&ends[At(i + 2 * kWaiting).customer]);
      __builtin_prefetch(&deals[ends[At(i + kWaiting).customer]], 1);
    }
    deals[ends[row.customer]++] = {row.amount, row.day};
    if (i % kBlock == kBlock - 1) rows_[i / kBlock].reset();
  }
  rows_.clear();
  const auto by_day = [](const Deal& l, const Deal& r) { return l.day < r.day; };
  for (size_t c = 0; c < customers_.size(); ++c) {
    Deal* const begin = deals.get() + (c == 0 ? 0 : ends[c - 1]);
    Deal* const end = deals.get() + ends[c];
    if (!std::is_sorted(begin, end, by_day)) std::sort(begin, end, by_day);
    CustomerSummary summary;
    summary.customer = customers_.Get(static_cast<uint32_t>(c));
    const int64_t refunds = counts->refunds;
    const absl::StatusOr<bool> found =
        transactions::Summarize(absl::MakeConstSpan(begin, static_cast<size_t>(end - begin)),
                                shape_.amounts, options, &summary, counts);
    if (!found.ok())
      return Annotate(found.status(), absl::StrCat("customer `", summary.customer, "`"));
    if (options.refunds == RefundRule::kRefuse && counts->refunds > refunds) {
      const Deal* refund = std::find_if(begin, end, [](const Deal& d) { return d.amount < 0; });
      return absl::FailedPreconditionError(
          absl::StrCat("customer `", summary.customer, "` has a refund on ",
                       FormatDay(refund->day * kMicrosPerDay),
                       "; leave it out, or say --refunds net or --refunds drop"));
    }
    if (!*found) continue;
    if (shape_.carries) summary.carried = values_.Get(first[c].value);
    each(summary);
  }
  size_ = 0;
  return absl::OkStatus();
}

}  // namespace tenure::transactions
