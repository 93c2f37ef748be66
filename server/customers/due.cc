#include "server/customers/due.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <utility>

#include "server/base/time.h"
#include "server/rules/features.h"

namespace tenure::customers {
namespace {

using expression::Motion;

// Collects the earliest of the instants after a given one.
class Earliest {
 public:
  explicit Earliest(int64_t after_us) : after_us_(after_us) {}
  void Add(int64_t at_us) {
    if (at_us > after_us_) first_us_ = std::min(first_us_, at_us);
  }
  int64_t first_us() const { return first_us_; }

 private:
  const int64_t after_us_;
  int64_t first_us_ = kNeverDue;
};

// Purchases that leave a window, and those that are yet to come: events may be ahead of their time.
void AddPurchases(const State& state, const FeatureContext& context, Earliest* earliest) {
  const PurchaseHistory& purchases = state.purchases;
  const size_t n = purchases.CountUntil(context.at_us);
  if (n < purchases.size()) earliest->Add(purchases.at_us(n));
  for (const auto& [column, days] : {std::pair<rules::Feature, int64_t>{rules::kPurchases30d, 30},
                                     {rules::kPurchases90d, 90},
                                     {rules::kPurchases365d, 365},
                                     {rules::kRevenue365d, 365}}) {
    if (!context.wanted.columns[column]) continue;
    const size_t first = purchases.CountUntil(context.at_us - days * kMicrosPerDay);
    if (first < n) earliest->Add(purchases.at_us(first) + days * kMicrosPerDay);
  }
  const std::vector<double>& ends = context.valuation.cut_points.recency_days;
  if (!context.wanted.columns[rules::kRfmRecency] || n == 0) return;
  // A score is as long as the silence is not above its quintile's end. A second for rounding.
  for (const double end : ends) {
    const double silence_us = end * static_cast<double>(kMicrosPerDay) - kMicrosPerSecond;
    if (!(silence_us < 1e18)) continue;
    const int64_t at_us = purchases.at_us(n - 1) + static_cast<int64_t>(silence_us);
    if (at_us + 2 * kMicrosPerSecond > context.at_us) {
      earliest->Add(std::max(at_us, context.at_us + 1));
    }
  }
}

void AddExtras(const Extras& extras, const FeatureContext& context, Earliest* earliest) {
  const std::vector<uint8_t>& wanted = context.wanted.columns;
  for (const Refund& refund : extras.refunds) earliest->Add(refund.at_us);
  for (const PackedAttribute& attribute : extras.attributes) earliest->Add(attribute.at_us);
  if (wanted[rules::kEngagements30d]) {
    for (const EngagementDay& entry : extras.engagements) {
      earliest->Add(entry.day * kMicrosPerDay);
      earliest->Add((entry.day + 30) * kMicrosPerDay);
    }
  }
  for (const PackedContact& contact : extras.contacts) {
    earliest->Add(contact.at_us);
    if (wanted[rules::kContacts7d]) earliest->Add(contact.at_us + 7 * kMicrosPerDay);
    if (wanted[rules::kContacts30d]) earliest->Add(contact.at_us + 30 * kMicrosPerDay);
  }
}

void AddStandings(const State& state, const Binding& binding, Earliest* earliest) {
  for (size_t t = 0; t < binding.tracks.size(); ++t) {
    const std::vector<rules::Stage>& stages = binding.rules->tracks[t].stages;
    const PackedStanding* standing = state.StandingOn(t, binding.tracks[t].id);
    if (standing == nullptr) continue;
    const int32_t present = binding.StageOf(t, standing->stage);
    if (present >= 0) {
      earliest->Add(standing->entered_us + stages[static_cast<size_t>(present)].min_dwell_us);
    }
    for (const LeftStage& left : state.left) {
      const int32_t stage = binding.StageOf(t, left.stage);
      if (left.track != standing->track || stage < 0) continue;
      earliest->Add(left.at_us + stages[static_cast<size_t>(stage)].cool_down_us);
    }
  }
}

// P(alive) only falls with silence; the model says when it reaches `bound`. At the ends of (0, 1),
// where p no longer tells, the customer is due at once.
int64_t AliveUntil(double bound, const State& state, const FeatureContext& context,
                   const Batch& batch, size_t row) {
  const ColumnView column = batch.column(rules::kPAlive);
  if (std::isnan(bound) || context.valuation.model == nullptr || !column.IsValid(row)) {
    return kNeverDue;
  }
  constexpr double kEdge = 1e-9;
  const double p = column.Double(row);
  if (bound < 0 || bound > 1) return kNeverDue;
  if (bound < kEdge || bound > 1 - kEdge) return context.at_us;
  if (p < bound * (1 - kEdge)) return kNeverDue;  // it only falls
  const clv::Observation seen =
      state.purchases.Observe(state.purchases.CountUntil(context.at_us), context.at_us);
  const clv::ValueModel& model =
      context.wanted.population
          ? context.valuation.ModelOf(batch.column(rules::kPopulation).String(row))
          : *context.valuation.model;
  const double days = model.DaysUntilPAlive(seen, bound);
  const double wait_us = days * static_cast<double>(kMicrosPerDay) * (1 - kEdge) - kMicrosPerSecond;
  if (wait_us > 4e18) return kNeverDue;
  return context.at_us + static_cast<int64_t>(std::max(wait_us, 0.0));
}

}  // namespace

std::vector<Motion> MotionsOf(const Schema& schema) {
  std::vector<Motion> motions(schema.size(), Motion::kStill);
  motions[rules::kNow] = Motion::kInstant;
  for (const rules::Feature feature :
       {rules::kDaysSinceLastPurchase, rules::kTenureDays, rules::kDaysKnown,
        rules::kDaysSinceLastContact, rules::kStageDays}) {
    motions[feature] = Motion::kDays;
  }
  for (const rules::Feature feature :
       {rules::kClv, rules::kClvMeanLow, rules::kClvMeanHigh, rules::kClvPredictiveLow,
        rules::kClvPredictiveHigh, rules::kVAlive, rules::kVRevived, rules::kPPurchaseW,
        rules::kAtRiskW, rules::kExpectedPurchases, rules::kTier}) {
    motions[feature] = Motion::kAny;
  }
  motions[rules::kPAlive] = Motion::kKnown;
  return motions;
}

int64_t DueOf(const State& state, const FeatureContext& context, const Batch& batch, size_t row) {
  if (!context.binding.timing.solved) return context.at_us;
  Earliest earliest(context.at_us);
  if (state.first_seen_us != State::kNever) earliest.Add(state.first_seen_us);
  AddPurchases(state, context, &earliest);
  if (state.extras != nullptr) AddExtras(*state.extras, context, &earliest);
  AddStandings(state, context.binding, &earliest);
  int64_t due_us = earliest.first_us();
  for (const expression::Crossings& crossings : context.binding.timing.crossings) {
    due_us = std::min(due_us, crossings.Next(batch, row, context.at_us));
    for (size_t i = 0; i < crossings.bounds(); ++i) {
      due_us =
          std::min(due_us, AliveUntil(crossings.Bound(i, batch, row), state, context, batch, row));
    }
  }
  return due_us;
}

}  // namespace tenure::customers
