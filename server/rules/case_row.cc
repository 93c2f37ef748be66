#include "server/rules/case_row.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/base/money.h"
#include "server/rules/features.h"
#include "server/rules/margin_total.h"
#include "server/rules/population.h"

namespace tenure::rules {
namespace {

double Days(int64_t micros) {
  return static_cast<double>(micros) / static_cast<double>(kMicrosPerDay);
}

void AddInt(Batch* batch, Feature feature, int64_t by) {
  batch->SetInt64(feature, 0, batch->column(feature).Int64(0) + by);
}

void AddDouble(Batch* batch, Feature feature, double by) {
  batch->SetDouble(feature, 0, batch->column(feature).Double(0) + by);
}

// The rate of a category of its own; null: none.
const double* RateOf(const std::string& category, const RuleSet& rules) {
  for (const auto& [name, rate] : rules.value.margin_by_category) {
    if (name == category) return &rate;
  }
  return nullptr;
}

void AddTotals(const CaseEvent& event, const RuleSet& rules, MoneyTotals* totals) {
  const bool refund = event.kind == CaseEventKind::kRefund;
  if (!refund && event.kind != CaseEventKind::kPurchase) return;
  const auto add = [](int64_t amount, int64_t* total) {
    *total = AddMicros(*total, amount).value_or(*total);
  };
  const int64_t sign = refund ? -1 : 1;
  add(sign * event.amount_micros, &totals->revenue);
  if (event.margin_micros.has_value()) {
    add(sign * *event.margin_micros, &totals->margin);
  } else if (refund) {
    add(event.amount_micros, &totals->refunded_unknown);
  } else if (const double* rate = RateOf(event.category, rules)) {
    add(event.amount_micros, &totals->by_category);
    totals->margin_by_category += *rate * static_cast<double>(event.amount_micros);
  } else {
    add(event.amount_micros, &totals->unknown);
  }
}

MoneyTotals TotalsOf(const TestCase& test, const RuleSet& rules) {
  MoneyTotals totals;
  for (const CaseEvent& event : test.events) AddTotals(event, rules, &totals);
  return totals;
}

// The population that the facts make, and the margin by its rate: as customers have it before the
// first fit, since what that would pool a margin from is not known here.
void FillPopulation(const RuleSet& rules, const MoneyTotals& totals, Batch* batch) {
  std::optional<double> rate = rules.value.margin_rate;
  if (!rules.value.populations.empty()) {
    PopulationScratch scratch;
    uint32_t population = 0;
    Divide(rules, batch, &scratch, {&population, 1});
    batch->SetString(kPopulation, 0, rules.value.NameOf(population));
    rate = rules.value.SettingsOf(population).margin_rate;
  }
  const std::optional<double> margin = MarginTotal(totals, rate);
  const bool stated = batch->column(kMarginTotal).IsValid(0);
  if (margin.has_value() && !stated) batch->SetDouble(kMarginTotal, 0, *margin);
}

void FillCounts(Batch* batch) {
  for (const Feature count : {kPurchases, kPurchases30d, kPurchases90d, kPurchases365d, kRefunds,
                              kEngagements30d, kContacts7d, kContacts30d}) {
    batch->SetInt64(count, 0, 0);
  }
  batch->SetDouble(kRevenue365d, 0, 0);
}

void AddPurchase(const CaseEvent& event, double age_days, Batch* batch) {
  const double amount = UnitsFromMicros(event.amount_micros);
  const auto purchases = static_cast<double>(batch->column(kPurchases).Int64(0));
  // What an absent value holds is 0, so that the first purchase is the mean.
  const double mean = batch->column(kSpendMean).Double(0);
  batch->SetDouble(kSpendMean, 0, (mean * purchases + amount) / (purchases + 1));
  AddInt(batch, kPurchases, 1);
  if (age_days < 30) AddInt(batch, kPurchases30d, 1);
  if (age_days < 90) AddInt(batch, kPurchases90d, 1);
  if (age_days < 365) {
    AddInt(batch, kPurchases365d, 1);
    AddDouble(batch, kRevenue365d, amount);
  }
  if (!batch->column(kTenureDays).IsValid(0)) batch->SetDouble(kTenureDays, 0, age_days);
  batch->SetDouble(kDaysSinceLastPurchase, 0, age_days);
  batch->SetMissing(kLastCategory, 0);
  if (!event.category.empty()) batch->SetString(kLastCategory, 0, event.category);
}

void AddEvent(const CaseEvent& event, int64_t at_us, Batch* batch) {
  const double age_days = Days(at_us - event.at_us);
  if (!batch->column(kDaysKnown).IsValid(0)) batch->SetDouble(kDaysKnown, 0, age_days);
  switch (event.kind) {
    case CaseEventKind::kPurchase:
      return AddPurchase(event, age_days, batch);
    case CaseEventKind::kRefund:
      AddInt(batch, kRefunds, 1);
      return;
    case CaseEventKind::kEngagement:
      if (DayOf(event.at_us) > DayOf(at_us) - 30) AddInt(batch, kEngagements30d, 1);
      return;
    case CaseEventKind::kContact:
      if (age_days < 7) AddInt(batch, kContacts7d, 1);
      if (age_days < 30) AddInt(batch, kContacts30d, 1);
      batch->SetDouble(kDaysSinceLastContact, 0, age_days);
      return;
  }
}

// False when the text is no value of the column's type.
bool SetValue(size_t column, DType dtype, const std::string& text, Batch* batch) {
  int64_t integer = 0;
  double number = 0;
  switch (dtype) {
    case DType::kBool:
      if (text != "true" && text != "false") return false;
      batch->SetBool(column, 0, text == "true");
      return true;
    case DType::kInt64:
      if (!absl::SimpleAtoi(text, &integer)) return false;
      batch->SetInt64(column, 0, integer);
      return true;
    case DType::kDouble:
      if (!absl::SimpleAtod(text, &number)) return false;
      batch->SetDouble(column, 0, number);
      return true;
    case DType::kString:
      batch->SetString(column, 0, text);
      return true;
    case DType::kTimestamp:
    case DType::kDuration:
      break;
  }
  const absl::StatusOr<int64_t> parsed =
      dtype == DType::kTimestamp ? ParseInstant(text) : ParseSpan(text);
  if (!parsed.ok()) return false;
  batch->SetInt64(column, 0, *parsed);
  return true;
}

bool IsLeftToTheRules(const std::string& column) {
  return column == "now" || column == "population" || column == "stage" ||
         column == "previous_stage" || column == "stage_days" ||
         absl::StartsWith(column, "track.") || absl::StartsWith(column, "segment.");
}

}  // namespace

void FillCaseRow(const TestCase& test, const RuleSet& rules, Batch* batch, ProblemList* problems) {
  FillCounts(batch);
  const MoneyTotals totals = TotalsOf(test, rules);
  batch->SetDouble(kRevenueTotal, 0, UnitsFromMicros(totals.revenue));
  batch->SetInt64(kNow, 0, test.at_us);
  for (const CaseEvent& event : test.events) AddEvent(event, test.at_us, batch);
  for (const GivenFeature& given : test.features) {
    if (IsLeftToTheRules(given.column)) {
      problems->Error(given.mark, absl::StrCat("\"", given.column, "\" follows from the rules"),
                      "state \"at\" and \"from\", and expect the rest");
      continue;
    }
    const size_t column = *batch->schema().Find(given.column);
    const DType dtype = batch->schema().field(column).dtype;
    if (!SetValue(column, dtype, given.text, batch)) {
      problems->Error(given.mark, absl::StrCat("\"", given.column, "\" is of type ",
                                               DTypeName(dtype), ", not \"", given.text, "\""));
    }
  }
  FillPopulation(rules, totals, batch);
}

}  // namespace tenure::rules
