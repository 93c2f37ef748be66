// The population as a whole: sufficient statistics for fits, values for cut-points.
#include <algorithm>
#include <numeric>

#include "server/base/money.h"
#include "server/customers/cut_points.h"
#include "server/customers/feature_row.h"
#include "server/customers/population.h"
#include "server/customers/shards.h"
#include "server/customers/thinning.h"
#include "server/rules/features.h"

namespace tenure::customers {
namespace {

constexpr uint32_t kChunk = 1'024;

// The first n purchases, and what came back of them until `at_us`.
void AddMargins(const State& state, size_t n, int64_t at_us, Population::Summary* summary) {
  for (size_t i = 0; i < n; ++i) {
    const PurchaseHistory::Item item = state.purchases.Get(i);
    if (!item.margin_known) continue;
    ++summary->margins_known;
    summary->revenue += UnitsFromMicros(item.revenue_micros);
    summary->margin += UnitsFromMicros(item.margin_micros);
  }
  const Refunded refunded = RefundedUntil(state, at_us);
  summary->revenue -= UnitsFromMicros(refunded.revenue_of_known);
  summary->margin -= UnitsFromMicros(refunded.margin);
  summary->sold += UnitsFromMicros(state.purchases.Revenue(0, n));
  summary->refunded += UnitsFromMicros(refunded.revenue);
  summary->purchases += static_cast<int64_t>(n);
}

void AddColumn(const Batch& batch, size_t column, std::vector<double>* values) {
  const ColumnView view = batch.column(column);
  // Customers without a purchase have no quantile.
  const ColumnView bought = batch.column(rules::kDaysSinceLastPurchase);
  for (size_t r = 0; r < batch.rows(); ++r) {
    if (!view.IsValid(r) || !bought.IsValid(r)) continue;
    values->push_back(view.dtype == DType::kInt64 ? static_cast<double>(view.Int64(r))
                                                  : view.Double(r));
  }
}

}  // namespace

Population::Summary Population::Summarize(int64_t at_us, int64_t holdout_from_us,
                                          const Learning& learning) const {
  Summary summary;
  const int64_t until_us = holdout_from_us > 0 ? holdout_from_us : at_us;
  const uint32_t customers = size();
  for (uint32_t number = 1; number <= customers; ++number) {
    shards_->ReadState(number, [&](const State& state) {
      const size_t all = state.purchases.CountUntil(until_us);
      if (all == 0) return;
      const absl::string_view id = IdIndex::IdOf(state.id);
      if (learning.who && !learning.who(id)) return;
      Thinned thinned;
      const bool thin = learning.response_window_us > 0 && MayBeInduced(state);
      if (thin) thinned = Thin(state, id, learning.response_window_us);
      const PurchaseHistory& purchases = thin ? thinned.purchases : state.purchases;
      const size_t n = purchases.CountUntil(until_us);
      clv::Observation observation = purchases.Observe(n, until_us);
      observation.kept = KeptOf(state, all, until_us);
      observation.log_intervals = purchases.LogIntervals(n);
      summary.customers.push_back(number);
      summary.observations.push_back(observation);
      summary.days_after_contact += thinned.after_contact;
      summary.days_left_out += thinned.left_out;
      AddMargins(state, all, until_us, &summary);
      if (holdout_from_us > 0) {
        const size_t later = purchases.DaysOf(purchases.CountUntil(at_us));
        summary.holdout_purchases.push_back(static_cast<double>(later - purchases.DaysOf(n)));
      }
    });
  }
  return summary;
}

Population::TierChanges Population::CompareTiers(int64_t at_us, const Valuation& before,
                                                 const Valuation& after) const {
  TierChanges changes;
  std::vector<clv::Observation> rows;
  std::vector<Tier> tiers;
  std::vector<clv::ValueFeatures> values, others;
  const auto hysteresis = [](const Valuation& valuation) {
    return valuation.rules == nullptr ? 0 : valuation.rules->value.tier_hysteresis;
  };
  const uint32_t customers = size();
  for (uint32_t first = 1; first <= customers; first += kChunk) {
    rows.clear();
    tiers.clear();
    for (uint32_t c = first; c <= customers && c - first < kChunk; ++c) {
      shards_->ReadState(c, [&](const State& state) {
        const size_t n = state.purchases.CountUntil(at_us);
        if (n == 0) return;
        rows.push_back(ObservationOf(state, n, at_us));
        tiers.push_back(state.tier);
      });
    }
    values.resize(rows.size());
    others.resize(rows.size());
    before.model->Compute(rows, absl::MakeSpan(values));
    after.model->Compute(rows, absl::MakeSpan(others));
    for (size_t r = 0; r < rows.size(); ++r) {
      const Tier from = TierOf(values[r].clv, before.cut_points, tiers[r], hysteresis(before));
      const Tier to = TierOf(others[r].clv, after.cut_points, from, hysteresis(after));
      if (from == Tier::kNone || to == Tier::kNone) continue;
      ++changes.customers[static_cast<size_t>(from) - 1][static_cast<size_t>(to) - 1];
      changes.value_before += values[r].clv;
      changes.value_after += others[r].clv;
    }
  }
  return changes;
}

journal::CutPoints Population::CutPointsAt(int64_t at_us, const Valuation& valuation) const {
  // Over the built-in features: tracks, attributes and segments have no part in it.
  const std::shared_ptr<const Binding> binding = shards_->bindings.For(nullptr, &shards_->names);
  Binding::Wanted wanted;
  wanted.columns.assign(binding->schema->size(), 0);
  for (const rules::Feature feature :
       {rules::kClv, rules::kDaysSinceLastPurchase, rules::kPurchases, rules::kSpendMean}) {
    wanted.columns[feature] = 1;
  }
  wanted.model = true;
  const FeatureContext context{*binding, wanted, valuation, shards_->names, at_us};
  FeatureScratch scratch;
  PopulationValues values;
  const uint32_t customers = size();
  for (uint32_t first = 1; first <= customers; first += kChunk) {
    const uint32_t rows = std::min(kChunk, customers - first + 1);
    Batch batch(binding->schema, rows);
    scratch.Resize(rows);
    for (uint32_t r = 0; r < rows; ++r) {
      shards_->ReadState(
          first + r, [&](const State& state) { FillFacts(state, context, &batch, r, &scratch); });
    }
    FillDerived(context, &scratch, &batch);
    AddColumn(batch, rules::kClv, &values.clv);
    AddColumn(batch, rules::kDaysSinceLastPurchase, &values.recency_days);
    AddColumn(batch, rules::kPurchases, &values.frequency);
    AddColumn(batch, rules::kSpendMean, &values.monetary);
  }
  const rules::TierSettings tiers =
      valuation.rules == nullptr ? rules::TierSettings() : valuation.rules->tiers;
  return CutPointsOf(std::move(values), tiers);
}

}  // namespace tenure::customers
