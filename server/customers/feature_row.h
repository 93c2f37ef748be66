// One customer's state as one row of features, valued at an instant; and for whole batches what
// takes the value model and the segments' conditions.
#ifndef TENURE_SERVER_CUSTOMERS_FEATURE_ROW_H_
#define TENURE_SERVER_CUSTOMERS_FEATURE_ROW_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "server/batch/batch.h"
#include "server/clv/value_model.h"
#include "server/customers/binding.h"
#include "server/customers/names.h"
#include "server/customers/population.h"
#include "server/customers/state.h"
#include "server/rules/margin_total.h"
#include "server/rules/population.h"

namespace tenure::customers {

struct FeatureContext {
  const Binding& binding;
  const Binding::Wanted& wanted;
  const Valuation& valuation;
  const Names& names;
  int64_t at_us;

  FeatureContext At(int64_t other_us) const {
    return {binding, wanted, valuation, names, other_us};
  }
};

// Memory that is used again from batch to batch.
struct FeatureScratch {
  std::vector<clv::Observation> observations;  // by row
  std::vector<clv::KnownOrders> orders;        // by row, where the next order is wanted
  std::vector<Tier> tiers;                     // by row: as remembered, then as they are
  std::vector<clv::ValueFeatures> values;
  std::vector<uint32_t> rows;  // 0, 1, 2 …
  std::vector<expression::Truth> truths;
  // By row, where there are populations.
  std::vector<rules::MoneyTotals> totals;
  std::vector<uint32_t> population_of;  // by position; the rest is the last
  rules::PopulationScratch populations;
  // Of the rows of one of them.
  std::vector<uint32_t> group;
  std::vector<clv::Observation> group_observations;
  std::vector<clv::ValueFeatures> group_values;

  void Resize(size_t count) {
    observations.resize(count);
    orders.resize(count);
    tiers.resize(count);
  }
};

// What refunds took back until `at_us`, in micros.
struct Refunded {
  int64_t count = 0, revenue = 0;
  int64_t revenue_of_known = 0, margin = 0;  // of those whose margin is known
};
Refunded RefundedUntil(const State& state, int64_t at_us);

// The share of the revenue of the first n purchases that refunds until `at_us` have left.
double KeptOf(const State& state, size_t n, int64_t at_us);

// The sufficient statistics of the first n purchases at `at_us`, refunds until then taken off.
clv::Observation ObservationOf(const State& state, size_t n, int64_t at_us);

// The plain facts, contacts and standing of one customer. Rolling windows are (at − w, at]; what
// happened after `at_us` is ignored. `row` is missing everywhere before. Where the model is wanted,
// the scratch receives the row's observation and remembered tier.
void FillFacts(const State& state, const FeatureContext& context, Batch* batch, size_t row,
               FeatureScratch* scratch);

// The populations, then the value models' features and the tiers, then the RFM scores, then the
// segments in order, for all rows, whose observations and remembered tiers stand in the scratch;
// afterwards their present tiers stand there.
void FillDerived(const FeatureContext& context, FeatureScratch* scratch, Batch* batch);

}  // namespace tenure::customers

#endif  // TENURE_SERVER_CUSTOMERS_FEATURE_ROW_H_
