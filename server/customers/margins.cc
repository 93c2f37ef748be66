#include "server/customers/margins.h"

#include "server/base/money.h"
#include "server/customers/feature_row.h"

namespace tenure::customers {

Totals TotalsAt(const State& state, const Binding& binding, size_t n, int64_t at_us) {
  const PurchaseHistory& purchases = state.purchases;
  const Refunded refunded = RefundedUntil(state, at_us);
  Totals totals;
  totals.refunds = refunded.count;
  totals.money.revenue = purchases.Revenue(0, n) - refunded.revenue;
  totals.money.margin = purchases.KnownMargin(0, n) - refunded.margin;
  totals.money.unknown = purchases.RevenueOfUnknownMargin(n);
  totals.money.refunded_unknown = refunded.revenue - refunded.revenue_of_known;
  if (binding.margin_of.empty() || totals.money.unknown == 0) return totals;
  for (size_t i = 0; i < n; ++i) {
    const PurchaseHistory::Item item = purchases.Get(i);
    const double* const rate = item.margin_known ? nullptr : binding.MarginOf(item.category);
    if (rate == nullptr) continue;
    totals.money.unknown -= item.revenue_micros;
    totals.money.by_category += item.revenue_micros;
    totals.money.margin_by_category += *rate * static_cast<double>(item.revenue_micros);
  }
  return totals;
}

clv::KnownOrders OrdersOf(const State& state, const Binding& binding, size_t n) {
  const PurchaseHistory& purchases = state.purchases;
  clv::KnownOrders orders;
  if (n == 0) return orders;
  orders.first_spend = UnitsFromMicros(purchases.FirstDayRevenue(n));
  const int64_t unknown = purchases.RevenueOfUnknownMargin(n);
  orders.revenue = UnitsFromMicros(purchases.Revenue(0, n) - unknown);
  orders.margin = UnitsFromMicros(purchases.KnownMargin(0, n));
  if (binding.margin_of.empty()) return orders;
  if (const double* rate = binding.MarginOf(purchases.category(n - 1)); rate != nullptr) {
    orders.category_rate = *rate;
  }
  for (size_t i = 0; i < n && unknown != 0; ++i) {
    const PurchaseHistory::Item item = purchases.Get(i);
    const double* const rate = item.margin_known ? nullptr : binding.MarginOf(item.category);
    if (rate == nullptr) continue;
    orders.revenue += UnitsFromMicros(item.revenue_micros);
    orders.margin += *rate * UnitsFromMicros(item.revenue_micros);
  }
  return orders;
}

std::optional<double> MarginRate(const Valuation& valuation, size_t population) {
  if (valuation.rules != nullptr) {
    const auto& stated = valuation.rules->value.SettingsOf(population).margin_rate;
    if (stated.has_value()) return stated;
  }
  if (valuation.model == nullptr) return std::nullopt;
  // Nobody is in a population of rules that list none: as their values, by the model for all.
  if (valuation.rules == nullptr || valuation.rules->value.populations.empty()) {
    return valuation.model->options().margin_rate;
  }
  return valuation.ModelOf(valuation.rules->value.NameOf(population)).options().margin_rate;
}

void AddMoney(const State& state, const Binding& binding, size_t population, size_t n,
              int64_t at_us, Population::Money* money) {
  const double* stated = nullptr;
  if (!binding.margin_of.empty()) {
    const auto& rate = binding.rules->value.SettingsOf(population).margin_rate;
    if (rate.has_value()) stated = &*rate;
  }
  for (size_t i = 0; i < n; ++i) {
    const PurchaseHistory::Item item = state.purchases.Get(i);
    const double revenue = UnitsFromMicros(item.revenue_micros);
    if (item.margin_known) {
      money->margin += UnitsFromMicros(item.margin_micros);
    } else {
      const double* rate = binding.MarginOf(item.category);
      if (rate == nullptr) rate = stated;
      if (rate == nullptr) continue;
      money->margin += *rate * revenue;
    }
    ++money->margins_known;
    money->revenue += revenue;
  }
  const Refunded refunded = RefundedUntil(state, at_us);
  money->revenue -= UnitsFromMicros(refunded.revenue_of_known);
  money->margin -= UnitsFromMicros(refunded.margin);
  money->sold += UnitsFromMicros(state.purchases.Revenue(0, n));
  money->refunded += UnitsFromMicros(refunded.revenue);
  money->purchases += static_cast<int64_t>(n);
}

}  // namespace tenure::customers
