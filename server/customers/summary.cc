// The population as a whole: sufficient statistics for fits, values for cut-points.
#include <algorithm>
#include <cmath>

#include "server/customers/cut_points.h"
#include "server/customers/feature_row.h"
#include "server/customers/margins.h"
#include "server/customers/population.h"
#include "server/customers/shards.h"
#include "server/customers/thinning.h"
#include "server/rules/features.h"

namespace tenure::customers {
namespace {

constexpr uint32_t kChunk = 1'024;

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

// The response window of whoever is in that population.
int64_t WindowOf(const Learning& learning, size_t population) {
  return population < learning.response_windows_us.size() ? learning.response_windows_us[population]
                                                          : learning.response_window_us;
}

}  // namespace

Population::Summary Population::Summarize(int64_t at_us, int64_t holdout_from_us,
                                          const Learning& learning) const {
  Summary summary;
  const int64_t until_us = holdout_from_us > 0 ? holdout_from_us : at_us;
  const std::shared_ptr<const Binding> binding =
      shards_->bindings.For(learning.rules, &shards_->names);
  const bool divided = binding->has_populations();
  if (divided) summary.by_population.resize(learning.rules->value.populations.size() + 1);
  const Valuation facts{learning.rules, nullptr, journal::CutPoints()};
  const FeatureContext context{*binding, binding->for_populations, facts, shards_->names, until_us};
  FeatureScratch scratch;
  const auto divide = [&](uint32_t first, uint32_t rows) {
    Batch batch(binding->schema, rows);
    scratch.population_of.resize(rows);
    for (uint32_t r = 0; r < rows; ++r) {
      shards_->ReadState(
          first + r, [&](const State& state) { FillFacts(state, context, &batch, r, &scratch); });
    }
    rules::Divide(*learning.rules, &batch, &scratch.populations,
                  absl::MakeSpan(scratch.population_of));
  };
  const uint32_t customers = size();
  for (uint32_t number = 1; number <= customers; ++number) {
    if (divided && (number - 1) % kChunk == 0) {
      divide(number, std::min(kChunk, customers - number + 1));
    }
    const size_t population = divided ? scratch.population_of[(number - 1) % kChunk] : 0;
    const int64_t window_us = WindowOf(learning, population);
    shards_->ReadState(number, [&](const State& state) {
      const size_t all = state.purchases.CountUntil(until_us);
      if (all == 0) return;
      const absl::string_view id = IdIndex::IdOf(state.id);
      if (learning.who && !learning.who(id)) return;
      Thinned thinned;
      const bool thin = window_us > 0 && MayBeInduced(state);
      if (thin) thinned = Thin(state, id, window_us);
      const PurchaseHistory& purchases = thin ? thinned.purchases : state.purchases;
      const size_t n = purchases.CountUntil(until_us);
      clv::Observation observation = purchases.Observe(n, until_us);
      observation.age_days = purchases.AgeByClock(n, until_us);
      observation.kept = KeptOf(state, all, until_us);
      observation.log_intervals = purchases.LogIntervals(n);
      summary.customers.push_back(number);
      summary.observations.push_back(observation);
      summary.days_after_contact += thinned.after_contact;
      summary.days_left_out += thinned.left_out;
      AddMoney(state, *binding, population, all, until_us, &summary);
      if (divided) {
        summary.population_of.push_back(static_cast<uint32_t>(population));
        AddMoney(state, *binding, population, all, until_us, &summary.by_population[population]);
      }
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
  const uint32_t customers = size();
  FeatureScratch scratch, others;
  const auto value = [&](const Valuation& valuation, uint32_t first, uint32_t rows,
                         FeatureScratch* to) {
    const std::shared_ptr<const Binding> binding =
        shards_->bindings.For(valuation.rules, &shards_->names);
    const Binding::Wanted wanted = binding->WantedFor({rules::kClv});
    const FeatureContext context{*binding, wanted, valuation, shards_->names, at_us};
    Batch batch(binding->schema, rows);
    to->Resize(rows);
    for (uint32_t r = 0; r < rows; ++r) {
      shards_->ReadState(first + r,
                         [&](const State& state) { FillFacts(state, context, &batch, r, to); });
      if (to == &others) others.tiers[r] = scratch.tiers[r];
    }
    FillDerived(context, to, &batch);
  };
  for (uint32_t first = 1; first <= customers; first += kChunk) {
    const uint32_t rows = std::min(kChunk, customers - first + 1);
    value(before, first, rows, &scratch);
    // From the tier that the first one has found.
    value(after, first, rows, &others);
    for (uint32_t r = 0; r < rows; ++r) {
      const Tier from = scratch.tiers[r], to = others.tiers[r];
      if (!std::isfinite(scratch.values[r].clv) || from == Tier::kNone || to == Tier::kNone) {
        continue;
      }
      ++changes.customers[static_cast<size_t>(from) - 1][static_cast<size_t>(to) - 1];
      changes.value_before += scratch.values[r].clv;
      changes.value_after += others.values[r].clv;
    }
  }
  return changes;
}

journal::CutPoints Population::CutPointsAt(int64_t at_us, const Valuation& valuation) const {
  const std::shared_ptr<const Binding> binding =
      shards_->bindings.For(valuation.rules, &shards_->names);
  const Binding::Wanted wanted = binding->WantedFor(
      {rules::kClv, rules::kDaysSinceLastPurchase, rules::kPurchases, rules::kSpendMean});
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
