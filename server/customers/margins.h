// What customers' purchases brought, and by which rates where their margin is not known.
#ifndef TENURE_SERVER_CUSTOMERS_MARGINS_H_
#define TENURE_SERVER_CUSTOMERS_MARGINS_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "server/customers/binding.h"
#include "server/customers/population.h"
#include "server/customers/state.h"
#include "server/rules/margin_total.h"

namespace tenure::customers {

struct Totals {
  rules::MoneyTotals money;
  int64_t refunds = 0;
};

// Of the first n purchases and the refunds until `at_us`.
Totals TotalsAt(const State& state, const Binding& binding, size_t n, int64_t at_us);

// What the first n purchases tell about the next; a purchase without its own margin has its
// category's.
clv::KnownOrders OrdersOf(const State& state, const Binding& binding, size_t n);

// The margin of revenue whose own is not known, for customers of a population (by position; of none
// where there are none): as the rules state it, else as their model has pooled it.
std::optional<double> MarginRate(const Valuation& valuation, size_t population);

// Adds the first n purchases, and what came back of them until `at_us`. Purchases whose category
// has a rate count as of known margin, and where there are such rates so do those of other
// categories by the margin rate that the rules state for the population.
void AddMoney(const State& state, const Binding& binding, size_t population, size_t n,
              int64_t at_us, Population::Money* money);

}  // namespace tenure::customers

#endif  // TENURE_SERVER_CUSTOMERS_MARGINS_H_
