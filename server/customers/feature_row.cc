#include "server/customers/feature_row.h"

#include <optional>
#include <variant>

#include "server/base/money.h"
#include "server/base/time.h"
#include "server/customers/margins.h"
#include "server/rules/features.h"
#include "server/transactions/purchase_totals.h"

namespace tenure::customers {
namespace {

using rules::Feature;

double Days(int64_t micros) {
  return static_cast<double>(micros) / static_cast<double>(kMicrosPerDay);
}

// Sets what is wanted of one row.
class RowWriter {
 public:
  RowWriter(const Binding::Wanted& wanted, Batch* batch, size_t row)
      : wanted_(wanted.columns.data()), batch_(batch), row_(row) {}

  bool Wants(size_t column) const { return wanted_[column] != 0; }
  void Int(size_t column, int64_t value) {
    if (Wants(column)) batch_->SetInt64(column, row_, value);
  }
  void Count(size_t column, size_t value) { Int(column, static_cast<int64_t>(value)); }
  void Double(size_t column, double value) {
    if (Wants(column)) batch_->SetDouble(column, row_, value);
  }
  void Bool(size_t column, bool value) {
    if (Wants(column)) batch_->SetBool(column, row_, value);
  }
  void String(size_t column, absl::string_view value) {
    if (Wants(column)) batch_->SetString(column, row_, value);
  }

 private:
  const uint8_t* const wanted_;
  Batch* const batch_;
  const size_t row_;
};

// The margin by the population's rate where there are populations: then once those are known.
void FillTotals(const State& state, const FeatureContext& context, size_t n, size_t row_index,
                RowWriter* row, FeatureScratch* scratch) {
  const Totals totals = TotalsAt(state, context.binding, n, context.at_us);
  row->Double(rules::kRevenueTotal, UnitsFromMicros(totals.money.revenue));
  row->Int(rules::kRefunds, totals.refunds);
  if (!row->Wants(rules::kMarginTotal)) return;
  if (context.wanted.population) {
    if (scratch->totals.size() <= row_index) scratch->totals.resize(row_index + 1);
    scratch->totals[row_index] = totals.money;
    return;
  }
  const std::optional<double> margin =
      rules::MarginTotal(totals.money, MarginRate(context.valuation, 0));
  if (margin.has_value()) row->Double(rules::kMarginTotal, *margin);
}

void FillPurchases(const State& state, const FeatureContext& context, size_t n, RowWriter* row) {
  const PurchaseHistory& purchases = state.purchases;
  const auto before = [&](int64_t days) {
    return purchases.CountUntil(context.at_us - days * kMicrosPerDay);
  };
  row->Count(rules::kPurchases, n);
  // Searches and sums only for who reads them: events are many.
  if (row->Wants(rules::kPurchases30d)) row->Count(rules::kPurchases30d, n - before(30));
  if (row->Wants(rules::kPurchases90d)) row->Count(rules::kPurchases90d, n - before(90));
  if (row->Wants(rules::kPurchases365d) || row->Wants(rules::kRevenue365d)) {
    const size_t year = before(365);
    row->Count(rules::kPurchases365d, n - year);
    row->Double(rules::kRevenue365d, UnitsFromMicros(purchases.Revenue(year, n)));
  }
  if (n == 0) return;
  row->Double(rules::kDaysSinceLastPurchase, Days(context.at_us - purchases.at_us(n - 1)));
  row->Double(rules::kTenureDays, Days(context.at_us - purchases.at_us(0)));
  row->Double(rules::kSpendMean, UnitsFromMicros(purchases.Revenue(0, n)) / static_cast<double>(n));
  if (const int32_t category = purchases.category(n - 1); category >= 0) {
    row->String(rules::kLastCategory, context.names.Get(category));
  }
}

void FillContacts(const State& state, int64_t at_us, RowWriter* row) {
  if (!row->Wants(rules::kEngagements30d) && !row->Wants(rules::kContacts7d) &&
      !row->Wants(rules::kContacts30d) && !row->Wants(rules::kDaysSinceLastContact)) {
    return;
  }
  int64_t engagements = 0, week = 0, month = 0;
  std::optional<int64_t> last;
  if (state.extras != nullptr) {
    const int32_t today = DayOf(at_us);
    for (const EngagementDay& entry : state.extras->engagements) {
      if (entry.day > today - 30 && entry.day <= today) engagements += entry.count;
    }
    for (const PackedContact& contact : state.extras->contacts) {
      if (contact.at_us > at_us) break;
      last = contact.at_us;
      week += contact.at_us > at_us - 7 * kMicrosPerDay ? 1 : 0;
      month += contact.at_us > at_us - 30 * kMicrosPerDay ? 1 : 0;
    }
  }
  row->Int(rules::kEngagements30d, engagements);
  row->Int(rules::kContacts7d, week);
  row->Int(rules::kContacts30d, month);
  if (last.has_value()) row->Double(rules::kDaysSinceLastContact, Days(at_us - *last));
}

void FillStanding(const State& state, const FeatureContext& context, RowWriter* row) {
  const Binding& binding = context.binding;
  for (size_t t = 0; t < binding.tracks.size(); ++t) {
    const size_t column = binding.tracks[t].column;
    const bool wanted = t > 0 ? column != Binding::kNoColumn && row->Wants(column)
                              : row->Wants(rules::kStage) || row->Wants(rules::kStageDays) ||
                                    row->Wants(rules::kPreviousStage);
    if (!wanted) continue;
    const PackedStanding* standing = state.StandingOn(t, binding.tracks[t].id);
    if (standing == nullptr || binding.StageOf(t, standing->stage) < 0) continue;
    const absl::string_view stage = context.names.Get(standing->stage);
    if (t > 0) {
      row->String(column, stage);
      continue;
    }
    row->String(rules::kStage, stage);
    row->Double(rules::kStageDays, Days(context.at_us - standing->entered_us));
    if (standing->previous >= 0) {
      row->String(rules::kPreviousStage, context.names.Get(standing->previous));
    }
  }
}

// A whole number counts as a double, and texts of instants and spans as those; any other mismatch
// with the declared type leaves the value missing.
void FillAttribute(const journal::AttributeValue& value, const Binding::AttributeColumn& to,
                   RowWriter* row) {
  const auto* whole = std::get_if<int64_t>(&value);
  const auto* text = std::get_if<std::string>(&value);
  switch (to.dtype) {
    case DType::kBool:
      if (const auto* v = std::get_if<bool>(&value)) row->Bool(to.column, *v);
      return;
    case DType::kInt64:
      if (whole != nullptr) row->Int(to.column, *whole);
      return;
    case DType::kDouble:
      if (const auto* v = std::get_if<double>(&value)) row->Double(to.column, *v);
      if (whole != nullptr) row->Double(to.column, static_cast<double>(*whole));
      return;
    case DType::kString:
      if (text != nullptr) row->String(to.column, *text);
      return;
    case DType::kTimestamp:
    case DType::kDuration:
      if (whole != nullptr) row->Int(to.column, *whole);
      if (text == nullptr) return;
      const auto parsed = to.dtype == DType::kTimestamp ? ParseInstant(*text) : ParseSpan(*text);
      if (parsed.ok()) row->Int(to.column, *parsed);
      return;
  }
}

void FillAttributes(const State& state, const FeatureContext& context, RowWriter* row) {
  if (state.extras == nullptr || state.extras->attributes.empty()) return;
  for (const Binding::AttributeColumn& column : context.binding.attributes) {
    if (!row->Wants(column.column)) continue;
    for (const PackedAttribute& attribute : state.extras->attributes) {
      if (attribute.name == column.name && attribute.at_us <= context.at_us) {
        FillAttribute(attribute.value, column, row);
      }
    }
  }
}

}  // namespace

Refunded RefundedUntil(const State& state, int64_t at_us) {
  Refunded refunded;
  if (state.extras == nullptr) return refunded;
  for (const Refund& refund : state.extras->refunds) {
    if (refund.at_us > at_us) break;
    ++refunded.count;
    refunded.revenue += refund.revenue_micros;
    if (!refund.margin_known) continue;
    refunded.revenue_of_known += refund.revenue_micros;
    refunded.margin += refund.margin_micros;
  }
  return refunded;
}

double KeptOf(const State& state, size_t n, int64_t at_us) {
  const int64_t revenue = state.purchases.Revenue(0, n);
  const Refunded refunded = RefundedUntil(state, at_us);
  return transactions::KeptShare(revenue, refunded.revenue);
}

clv::Observation ObservationOf(const State& state, size_t n, int64_t at_us) {
  clv::Observation observation = state.purchases.Observe(n, at_us);
  observation.kept = KeptOf(state, n, at_us);
  return observation;
}

void FillFacts(const State& state, const FeatureContext& context, Batch* batch, size_t row,
               FeatureScratch* scratch) {
  RowWriter writer(context.wanted, batch, row);
  const size_t n = state.purchases.CountUntil(context.at_us);
  writer.Int(rules::kNow, context.at_us);
  if (state.first_seen_us <= context.at_us) {
    writer.Double(rules::kDaysKnown, Days(context.at_us - state.first_seen_us));
  }
  FillPurchases(state, context, n, &writer);
  if (writer.Wants(rules::kRevenueTotal) || writer.Wants(rules::kMarginTotal) ||
      writer.Wants(rules::kRefunds)) {
    FillTotals(state, context, n, row, &writer, scratch);
  }
  FillContacts(state, context.at_us, &writer);
  FillStanding(state, context, &writer);
  FillAttributes(state, context, &writer);
  if (!context.wanted.model) return;
  scratch->observations[row] = ObservationOf(state, n, context.at_us);
  if (writer.Wants(rules::kMarginNext) || writer.Wants(rules::kSpendNext)) {
    scratch->orders[row] = OrdersOf(state, context.binding, n);
  }
  scratch->tiers[row] = state.tier;
}

}  // namespace tenure::customers
