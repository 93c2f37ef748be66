// The features that are computed for a whole batch at once.
#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <optional>

#include "server/clv/quintiles.h"
#include "server/customers/feature_row.h"
#include "server/customers/margins.h"
#include "server/rules/features.h"

namespace tenure::customers {
namespace {

using expression::Truth;

struct ModelColumn {
  rules::Feature feature;
  double clv::ValueFeatures::*value;
  bool is_lean = false;  // ValueModel::Detail::kValue has it
};
constexpr ModelColumn kModelColumns[] = {
    {rules::kPAlive, &clv::ValueFeatures::p_alive, true},
    {rules::kClv, &clv::ValueFeatures::clv, true},
    {rules::kClvMeanLow, &clv::ValueFeatures::clv_mean_low},
    {rules::kClvMeanHigh, &clv::ValueFeatures::clv_mean_high},
    {rules::kClvPredictiveLow, &clv::ValueFeatures::clv_predictive_low},
    {rules::kClvPredictiveHigh, &clv::ValueFeatures::clv_predictive_high},
    {rules::kVAlive, &clv::ValueFeatures::v_alive, true},
    {rules::kVRevived, &clv::ValueFeatures::v_revived},
    {rules::kPPurchaseW, &clv::ValueFeatures::p_purchase_w},
    {rules::kAtRiskW, &clv::ValueFeatures::at_risk_w},
    {rules::kMarginNext, &clv::ValueFeatures::margin_next, true},
    {rules::kSpendNext, &clv::ValueFeatures::spend_next, true},
    {rules::kExpectedPurchases, &clv::ValueFeatures::expected_purchases},
    {rules::kRhythmLimitDays, &clv::ValueFeatures::rhythm_limit_days, true},
};
static_assert(std::size(kModelColumns) == rules::kRhythmLimitDays - rules::kPAlive + 1);

void FillPopulations(const FeatureContext& context, FeatureScratch* scratch, Batch* batch) {
  const size_t rows = batch->rows();
  const rules::RuleSet& rules = *context.binding.rules;
  scratch->population_of.resize(rows);
  rules::Divide(rules, batch, &scratch->populations, absl::MakeSpan(scratch->population_of));
  if (context.wanted.columns[rules::kPopulation]) {
    for (size_t r = 0; r < rows; ++r) {
      batch->SetString(rules::kPopulation, r, rules.value.NameOf(scratch->population_of[r]));
    }
  }
  if (!context.wanted.columns[rules::kMarginTotal]) return;
  for (size_t r = 0; r < rows; ++r) {
    const std::optional<double> margin = rules::MarginTotal(
        scratch->totals[r], MarginRate(context.valuation, scratch->population_of[r]));
    if (margin.has_value()) batch->SetDouble(rules::kMarginTotal, r, *margin);
  }
}

using Detail = clv::ValueModel::Detail;

// Each row by the model of its population.
void ComputeByPopulation(const FeatureContext& context, Detail detail, FeatureScratch* scratch) {
  const rules::ValueSettings& value = context.binding.rules->value;
  const size_t rows = scratch->values.size();
  for (size_t p = 0; p <= value.populations.size(); ++p) {
    scratch->group.clear();
    scratch->group_observations.clear();
    for (size_t r = 0; r < rows; ++r) {
      if (scratch->population_of[r] != p) continue;
      scratch->group.push_back(static_cast<uint32_t>(r));
      scratch->group_observations.push_back(scratch->observations[r]);
    }
    if (scratch->group.empty()) continue;
    scratch->group_values.resize(scratch->group.size());
    context.valuation.ModelOf(value.NameOf(p))
        .Compute(scratch->group_observations, absl::MakeSpan(scratch->group_values), detail);
    for (size_t i = 0; i < scratch->group.size(); ++i) {
      scratch->values[scratch->group[i]] = scratch->group_values[i];
    }
  }
}

// The next order is told by more than the values are.
void FillNextOrders(const FeatureContext& context, FeatureScratch* scratch) {
  const bool divided = context.wanted.population && context.valuation.populations != nullptr;
  for (size_t r = 0; r < scratch->values.size(); ++r) {
    const clv::ValueModel& model =
        divided ? context.valuation.ModelOf(
                      context.binding.rules->value.NameOf(scratch->population_of[r]))
                : *context.valuation.model;
    const clv::NextOrder next = model.NextOrderOf(scratch->observations[r], scratch->orders[r]);
    scratch->values[r].spend_next = next.spend;
    scratch->values[r].margin_next = next.margin;
  }
}

void FillModel(const FeatureContext& context, FeatureScratch* scratch, Batch* batch) {
  const size_t rows = batch->rows();
  scratch->values.resize(rows);
  // What an event must keep current needs neither intervals nor what others would change.
  const bool lean = std::none_of(
      std::begin(kModelColumns), std::end(kModelColumns), [&](const ModelColumn& column) {
        return !column.is_lean && context.wanted.columns[column.feature] != 0;
      });
  const Detail detail = lean ? Detail::kValue : Detail::kAll;
  if (context.wanted.population && context.valuation.populations != nullptr) {
    ComputeByPopulation(context, detail, scratch);
  } else {
    context.valuation.model->Compute(absl::MakeConstSpan(scratch->observations).first(rows),
                                     absl::MakeSpan(scratch->values), detail);
  }
  if (context.wanted.columns[rules::kMarginNext] || context.wanted.columns[rules::kSpendNext]) {
    FillNextOrders(context, scratch);
  }
  for (const ModelColumn& column : kModelColumns) {
    if (!context.wanted.columns[column.feature]) continue;
    const absl::Span<double> values = batch->MutableDoubles(column.feature);
    const absl::Span<uint64_t> validity = batch->MutableValidity(column.feature);
    for (size_t r = 0; r < rows; ++r) {
      const double value = scratch->values[r].*column.value;
      if (!std::isfinite(value)) continue;  // a prospect has no such value
      values[r] = value;
      validity[r / 64] |= uint64_t{1} << (r % 64);
    }
  }
  const Valuation& valuation = context.valuation;
  const double hysteresis = valuation.rules == nullptr ? 0 : valuation.rules->value.tier_hysteresis;
  const bool wanted = context.wanted.columns[rules::kTier] != 0;
  for (size_t r = 0; r < rows; ++r) {
    Tier& tier = scratch->tiers[r];
    tier = TierOf(scratch->values[r].clv, valuation.cut_points, tier, hysteresis);
    if (wanted && tier != Tier::kNone) batch->SetString(rules::kTier, r, TierName(tier));
  }
}

void FillRfm(const FeatureContext& context, Batch* batch) {
  const journal::CutPoints& cuts = context.valuation.cut_points;
  const auto score = [&](rules::Feature to, rules::Feature from,
                         const std::vector<double>& quintiles, bool low_is_best) {
    if (!context.wanted.columns[to] || quintiles.size() != clv::kQuintileEnds) return;
    const ColumnView first = batch->column(rules::kDaysSinceLastPurchase);
    const ColumnView values = batch->column(from);
    for (size_t r = 0; r < batch->rows(); ++r) {
      if (!first.IsValid(r)) continue;
      const double value =
          values.dtype == DType::kInt64 ? static_cast<double>(values.Int64(r)) : values.Double(r);
      batch->SetInt64(to, r, clv::RfmScore(value, quintiles, low_is_best));
    }
  };
  score(rules::kRfmRecency, rules::kDaysSinceLastPurchase, cuts.recency_days, true);
  score(rules::kRfmFrequency, rules::kPurchases, cuts.frequency, false);
  score(rules::kRfmMonetary, rules::kSpendMean, cuts.monetary, false);
}

void FillSegments(const FeatureContext& context, FeatureScratch* scratch, Batch* batch) {
  const size_t rows = batch->rows();
  if (scratch->rows.size() < rows) {
    scratch->rows.resize(rows);
    std::iota(scratch->rows.begin(), scratch->rows.end(), 0u);
  }
  scratch->truths.resize(rows);
  for (const size_t s : context.wanted.segments) {
    const size_t column = context.binding.segment_columns[s];
    const rules::Condition& when = context.binding.rules->segments[s].when;
    std::fill(scratch->truths.begin(), scratch->truths.end(), Truth::kTrue);
    if (when.program != nullptr) {
      when.program->Test(*batch, absl::MakeConstSpan(scratch->rows).first(rows),
                         absl::MakeSpan(scratch->truths));
    }
    for (size_t r = 0; r < rows; ++r) {
      const Truth truth = scratch->truths[r];
      if (truth == Truth::kTrue || truth == Truth::kFalse) {
        batch->SetBool(column, r, truth == Truth::kTrue);
      }
    }
  }
}

}  // namespace

void FillDerived(const FeatureContext& context, FeatureScratch* scratch, Batch* batch) {
  if (context.wanted.population) FillPopulations(context, scratch, batch);
  if (context.wanted.model && context.valuation.model != nullptr) {
    FillModel(context, scratch, batch);
  }
  FillRfm(context, batch);
  FillSegments(context, scratch, batch);
}

}  // namespace tenure::customers
