#include "clients/cli/history.h"

#include <algorithm>
#include <tuple>

namespace tenure::cli {

void Histories::Add(absl::string_view customer, int64_t day, double amount) {
  auto found = index_.find(customer);
  if (found == index_.end()) {
    names_.emplace_back(customer);
    found = index_.emplace(names_.back(), static_cast<uint32_t>(names_.size() - 1)).first;
  }
  last_day_ = purchases_.empty() ? day : std::max(last_day_, day);
  purchases_.push_back({found->second, static_cast<int32_t>(day), amount});
}

std::vector<History> Histories::Summarize(int64_t end_day, int64_t holdout_day) {
  std::sort(purchases_.begin(), purchases_.end(), [](const Purchase& l, const Purchase& r) {
    // The amount too: sums don't depend on the order of the file.
    return std::tie(l.customer, l.day, l.amount) < std::tie(r.customer, r.day, r.amount);
  });
  std::vector<History> histories;
  for (size_t begin = 0, end = 0; begin < purchases_.size(); begin = end) {
    const uint32_t customer = purchases_[begin].customer;
    History history;
    history.customer = names_[customer];
    history.first_day = purchases_[begin].day;
    double spend = 0;
    int64_t last = history.first_day;
    for (end = begin; end < purchases_.size() && purchases_[end].customer == customer; ++end) {
      const Purchase& purchase = purchases_[end];
      const bool new_day = purchase.day != last;
      last = purchase.day;
      if (purchase.day > end_day) {
        if (purchase.day <= holdout_day && new_day) ++history.holdout_frequency;
        continue;
      }
      if (purchase.day == history.first_day) continue;  // the first purchase is no repeat
      if (new_day) ++history.frequency;
      history.recency_days = purchase.day - history.first_day;
      spend += purchase.amount;
    }
    if (history.first_day > end_day) continue;
    if (history.frequency > 0) history.mean_spend = spend / static_cast<double>(history.frequency);
    histories.push_back(std::move(history));
  }
  return histories;
}

}  // namespace tenure::cli
