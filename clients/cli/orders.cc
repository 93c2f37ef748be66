#include "clients/cli/orders.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "server/base/money.h"
#include "server/base/status.h"

namespace tenure::cli {
namespace {

std::string IdOf(const Purchase& row) { return absl::StrCat(row.order, "/", row.customer); }

// What the rows of an order state together: of two permissions the stricter, of two values of an
// attribute the first.
void JoinFacts(RowFacts::Facts row, RowFacts::Facts* order) {
  for (tenure::v1::Consent& consent : row.consents) {
    const auto same = std::find_if(
        order->consents.begin(), order->consents.end(), [&](const tenure::v1::Consent& other) {
          return other.purpose() == consent.purpose() && other.channel() == consent.channel();
        });
    if (same == order->consents.end()) {
      order->consents.push_back(std::move(consent));
    } else {
      same->set_state(std::max(same->state(), consent.state()));  // the larger is the stricter
    }
  }
  for (auto& [name, value] : *row.attributes.mutable_values()) {
    order->attributes.mutable_values()->insert({name, std::move(value)});
  }
}

absl::Status Join(Purchase row, Purchase* order) {
  TENURE_ASSIGN_OR_RETURN(order->revenue_micros,
                          AddMicros(order->revenue_micros, row.revenue_micros));
  if (order->margin_micros.has_value() && row.margin_micros.has_value()) {
    TENURE_ASSIGN_OR_RETURN(order->margin_micros,
                            AddMicros(*order->margin_micros, *row.margin_micros));
  } else {
    order->margin_micros.reset();  // a part is unknown, so the whole is
  }
  if (row.dearest_micros > order->dearest_micros) {
    order->dearest_micros = row.dearest_micros;
    order->category = row.category;
  }
  order->at_us = std::min(order->at_us, row.at_us);
  JoinFacts(std::move(row.facts), &order->facts);
  return absl::OkStatus();
}

}  // namespace

absl::Status Orders::Add(Purchase row) {
  row.id = IdOf(row);
  const auto [found, added] = by_id_.try_emplace(row.id, orders_.size());
  if (added) {
    orders_.push_back(std::move(row));
    return absl::OkStatus();
  }
  const int64_t line = row.line;
  const absl::Status joined = Join(std::move(row), &orders_[found->second]);
  if (!joined.ok()) refused_ids_.try_emplace(found->first, line);
  return joined;
}

absl::Status Orders::Refuse(const Purchase& row) {
  if (row.order.empty() && row.customer.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("line ", row.line,
                     ": has neither order nor customer, so that any order may lack it; nothing was "
                     "sent: mend the file, or take the line out"));
  }
  if (row.order.empty()) {
    refused_customers_.try_emplace(row.customer, row.line);
  } else if (row.customer.empty()) {
    refused_orders_.try_emplace(row.order, row.line);
  } else {
    refused_ids_.try_emplace(IdOf(row), row.line);
  }
  return absl::OkStatus();
}

const int64_t* Orders::RefusedBy(const Purchase& order) const {
  if (const auto it = refused_ids_.find(order.id); it != refused_ids_.end()) return &it->second;
  if (const auto it = refused_orders_.find(order.order); it != refused_orders_.end()) {
    return &it->second;
  }
  const auto it = refused_customers_.find(order.customer);
  return it == refused_customers_.end() ? nullptr : &it->second;
}

std::pair<std::vector<Purchase>, std::vector<Orders::Refusal>> Orders::Take() {
  std::vector<Refusal> refusals;
  std::vector<Purchase> kept;
  kept.reserve(orders_.size());
  for (Purchase& order : orders_) {
    if (const int64_t* line = RefusedBy(order)) {
      refusals.push_back(
          {order.line, absl::StrCat("order `", order.order, "` of customer `", order.customer,
                                    "` is not sent, since line ", *line, " may be part of it")});
      continue;
    }
    kept.push_back(std::move(order));
  }
  orders_.clear();
  std::sort(kept.begin(), kept.end(), [](const Purchase& a, const Purchase& b) {
    return std::tie(a.at_us, a.id) < std::tie(b.at_us, b.id);
  });
  return {std::move(kept), std::move(refusals)};
}

}  // namespace tenure::cli
