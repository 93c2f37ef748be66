#include "server/engine/pacing.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "server/base/hash.h"
#include "server/base/money.h"
#include "server/base/status.h"
#include "server/base/zone.h"
#include "server/budget/pacer.h"
#include "server/engine/engine.h"

namespace tenure::engine {
namespace {

using journal::PacingRecord;
using journal::PacingState;

absl::string_view BudgetOf(absl::string_view path) { return path.substr(0, path.find('/')); }
// "lifecycle/loyal" of "lifecycle/loyal/upsell".
absl::string_view SegmentOf(absl::string_view path) {
  const size_t first = path.find('/');
  return first == absl::string_view::npos ? path : path.substr(0, path.find('/', first + 1));
}

// Whether a unit of money has a price for that segment.
bool Priced(const Setup& setup, const std::string& budget, absl::string_view segment) {
  const auto plan = setup.plans.find(budget);
  if (plan == setup.plans.end()) return false;
  double price = 0;
  for (const journal::PlanNodeRecord& node : plan->second.record->nodes) {
    if (node.parent <= 0 && (node.path == budget || node.path == segment)) price += node.price;
  }
  return price > 0;
}

const Window* OpenPeriod(const Setup& setup, const std::string& budget, int64_t at_us) {
  const auto period = setup.periods.find(budget);
  const bool open = period != setup.periods.end() && at_us < period->second.end_us;
  return open ? &period->second : nullptr;
}

// Worth more than it costs, whatever its budget's price, or owed and given: what a curve of
// arrivals must count.
bool Worthwhile(const rules::Campaign& campaign, const journal::CandidateRecord& candidate) {
  if (candidate.outcome == journal::Outcome::kSelected) return true;
  return candidate.gate != journal::Gate::kPolicy &&
         campaign.lever * candidate.gross_value > candidate.expected_cost;
}

std::string Hours(int64_t us) {
  return absl::StrFormat("%.1f h", static_cast<double>(us) / static_cast<double>(kMicrosPerHour));
}

}  // namespace

void Pacing::Rollback(std::shared_ptr<const rules::RuleSet> rules) {
  // Which campaigns are whose, and then what each budget knew.
  if (rules != nullptr && rules != rules_) SetRules(std::move(rules));
  budgets_ = before_;
}

void Pacing::SetRules(std::shared_ptr<const rules::RuleSet> rules) {
  rules_ = std::move(rules);
  std::vector<Paced> budgets;
  std::vector<int32_t> number;  // by the rules' budget
  for (const rules::Budget& budget : rules_->budgets) {
    number.push_back(budget.pacing.has_value() ? static_cast<int32_t>(budgets.size()) : -1);
    if (!budget.pacing.has_value()) continue;
    const Paced* const before = Find(budget.id);
    if (before != nullptr) {
      budgets.push_back(*before);
    } else {
      budgets.push_back(
          {budget.id, *budget.pacing, budget::PacedBudget(budget.id), {0, 0}, 0, 0, nullptr});
    }
    budgets.back().settings = *budget.pacing;
    budgets.back().calendar = nullptr;  // the zone may be another
    budgets.back().budget.Begin();
  }
  budgets_ = std::move(budgets);
  paced_of_.assign(rules_->campaigns.size(), -1);
  for (size_t c = 0; c < paced_of_.size(); ++c) {
    for (size_t b = 0; b < rules_->budgets.size(); ++b) {
      if (rules_->campaigns[c].budget == rules_->budgets[b].id) paced_of_[c] = number[b];
    }
  }
}

void Pacing::SetPlan(absl::string_view budget) {
  if (Paced* const paced = Find(budget); paced != nullptr) paced->budget.Begin();
}

void Pacing::Decided(const journal::Entry& entry, const journal::DecisionRecord& decision) {
  if (budgets_.empty()) return;
  std::vector<bool> came(budgets_.size(), false);
  for (const journal::CandidateRecord& candidate : decision.candidates) {
    const int32_t paced = paced_of_[candidate.campaign];
    if (paced < 0 || came[static_cast<size_t>(paced)]) continue;
    if (!Worthwhile(rules_->campaigns[candidate.campaign], candidate)) continue;
    came[static_cast<size_t>(paced)] = true;
    budgets_[static_cast<size_t>(paced)].budget.Arrive(HourOfWeek(entry.at_us), entry.at_us);
  }
  for (const journal::SelectionRecord& selection : decision.selections) {
    if (selection.hold_id == 0) continue;
    Paced* const paced = Find(BudgetOf(selection.budget_node));
    if (paced == nullptr) continue;
    paced->budget.AddHold(selection.held_micros);
    if (entry.at_us >= paced->day.end_us) {
      paced->day = DayAt(entry.at_us);
      paced->first_seq = entry.seq;
      paced->used_micros = 0;
    }
    paced->used_micros += selection.held_micros;
  }
}

void Pacing::Freed(absl::string_view path, uint64_t hold_id, int64_t freed_micros) {
  Paced* const paced = Find(BudgetOf(path));
  if (paced == nullptr || DecisionOfHold(hold_id) < paced->first_seq) return;
  paced->used_micros -= freed_micros;
}

void Pacing::Apply(const journal::Entry& entry, const PacingRecord& record) {
  Paced* const paced = Find(record.budget);
  if (paced == nullptr) return;
  // The hour that the step was in, not the one that begins as it ends.
  paced->budget.Apply(record, entry.at_us, HourOfWeek(entry.at_us - budget::kPaceStepUs / 2));
}

bool Pacing::IsDue(int64_t at_us, const Setup& setup) const {
  return std::any_of(budgets_.begin(), budgets_.end(), [&](const Paced& paced) {
    return paced.budget.IsDue(at_us) && OpenPeriod(setup, paced.id, at_us) != nullptr;
  });
}

std::vector<PacingRecord> Pacing::Due(int64_t at_us, const Setup& setup,
                                      const budget::Ledger& ledger) const {
  std::vector<PacingRecord> due;
  for (const Paced& paced : budgets_) {
    if (!paced.budget.IsDue(at_us)) continue;
    const Window* const period = OpenPeriod(setup, paced.id, at_us);
    if (period == nullptr) continue;
    const auto of = std::find_if(rules_->budgets.begin(), rules_->budgets.end(),
                                 [&](const rules::Budget& b) { return b.id == paced.id; });
    std::vector<budget::PaceReading> readings;
    for (const rules::BudgetSegment& segment : of->segments) {
      budget::PaceReading reading;
      reading.path = absl::StrCat(paced.id, "/", segment.id);
      const auto node = ledger.FindNode(paced.id, reading.path, at_us);
      if (!node.has_value()) continue;
      const budget::Balance& balance = ledger.balance(*node);
      reading.limit_micros = balance.limit;
      reading.spent_micros = balance.held + balance.committed;
      reading.priced = Priced(setup, paced.id, reading.path);
      readings.push_back(std::move(reading));
    }
    const budget::ArrivalCurve& curve = paced.budget.curve();
    const auto hour = static_cast<size_t>(HourOfWeek(at_us - budget::kPaceStepUs / 2));
    const double rate = curve.known() ? curve.Rates()[hour] : 0;
    due.push_back(paced.budget.Next(at_us, readings, Target(paced, *period), rate,
                                    paced.settings.stale_after_us));
  }
  return due;
}

std::map<std::string, double> Pacing::Factors() const {
  std::map<std::string, double> factors;
  for (const Paced& paced : budgets_) {
    for (const PacingRecord::Envelope& envelope : paced.budget.in_force().envelopes) {
      if (envelope.factor != 1) factors[envelope.path] = envelope.factor;
    }
  }
  return factors;
}

std::string Pacing::WhyPaced(absl::string_view leaf_path, absl::string_view customer_id,
                             int64_t micros, int64_t taken_micros, bool owed, int64_t at_us) const {
  const Paced* const paced = Find(BudgetOf(leaf_path));
  if (paced == nullptr) return "";
  const std::optional<int64_t> most = paced->settings.day_max_micros;
  if (most.has_value()) {
    const int64_t used = (at_us < paced->day.end_us ? paced->used_micros : 0) + taken_micros;
    if (micros > *most - used) {
      return absl::StrCat(paced->id, " has used ", DisplayMicros(used), " of ",
                          DisplayMicros(*most), " today, this takes ", DisplayMicros(micros),
                          "; until ", FormatInstant(DayAt(at_us).end_us));
    }
  }
  const PacingRecord::Envelope* const pace = paced->budget.Find(SegmentOf(leaf_path));
  if (owed || pace == nullptr || pace->pass_share >= 1) return "";
  const Window day = DayAt(at_us);
  const uint64_t customer = StableHash(customer_id, StableHash(paced->id));
  if (budget::Passes(pace->pass_share, customer, day.start_us)) return "";
  return absl::StrCat(
      pace->path, " has used ", DisplayMicros(pace->spent_micros), " where ",
      DisplayMicros(static_cast<int64_t>(pace->target_micros)), " were planned by now, ",
      absl::StrFormat(
          "its price is at %.3g times the planned one; %.1f %% of customers are reached",
          pace->factor, 100 * pace->pass_share),
      "; until ", FormatInstant(day.end_us));
}

std::string Pacing::Alarm(const PacingRecord& record, int64_t at_us) const {
  const Paced* const paced = Find(record.budget);
  if (paced == nullptr) return "";
  const bool before = paced->budget.in_force().state == PacingState::kStale;
  const bool now = record.state == PacingState::kStale;
  if (before == now) return "";
  if (!now) return absl::StrCat("Decisions on budget ", record.budget, " come again.");
  return absl::StrCat("No decision on budget ", record.budget, " came for ",
                      Hours(at_us - paced->budget.last_arrival_us()),
                      absl::StrFormat(", %.0f were expected: ", record.missed_arrivals),
                      "its prices are frozen; look at who asks for decisions.");
}

std::optional<double> Pacing::ShareOfRest(absl::string_view budget, const Window& period,
                                          int64_t from_us, int64_t to_us) const {
  const Paced* const paced = Find(budget);
  if (paced == nullptr) return std::nullopt;
  return Target(*paced, period).ShareOfRest(from_us, to_us);
}

std::vector<PacingStatus> Pacing::Status(int64_t at_us) const {
  std::vector<PacingStatus> statuses;
  for (const Paced& paced : budgets_) {
    PacingStatus status;
    status.budget = paced.id;
    status.last_decision_us = paced.budget.last_arrival_us();
    status.corrected_us = paced.budget.last_step_us();
    status.learned = paced.budget.curve().known();
    status.day_max_micros = paced.settings.day_max_micros;
    status.day_used_micros = at_us < paced.day.end_us ? paced.used_micros : 0;
    status.day = DayAt(at_us);
    status.in_force = paced.budget.in_force();
    statuses.push_back(std::move(status));
  }
  return statuses;
}

Pacing::Paced* Pacing::Find(absl::string_view budget) {
  for (Paced& paced : budgets_) {
    if (paced.id == budget) return &paced;
  }
  return nullptr;
}
const Pacing::Paced* Pacing::Find(absl::string_view budget) const {
  return const_cast<Pacing*>(this)->Find(budget);
}

Window Pacing::DayAt(int64_t at_us) const {
  const absl::StatusOr<Window> day = CalendarWindow(at_us, Period::kDay, rules_->zone);
  TENURE_CHECK(day.ok());  // the compiler has checked the zone
  return *day;
}

Pacing::LocalHour Pacing::HourAt(int64_t at_us) const {
  const absl::StatusOr<absl::TimeZone> zone = LoadZone(rules_->zone);
  TENURE_CHECK(zone.ok());  // as above
  const absl::CivilSecond local = absl::ToCivilSecond(absl::FromUnixMicros(at_us), *zone);
  const int64_t passed_us = (local.minute() * 60 + local.second()) * kMicrosPerSecond;
  const int64_t second_us = at_us - at_us % kMicrosPerSecond;
  return {static_cast<int>(absl::GetWeekday(local)) * budget::kHoursOfDay + local.hour(),
          second_us - passed_us + kMicrosPerHour};
}

std::shared_ptr<const Pacing::Calendar> Pacing::CalendarOf(const Window& period) const {
  auto calendar = std::make_shared<Calendar>();
  calendar->period = period;
  calendar->edges_us.push_back(period.start_us);
  while (calendar->edges_us.back() < period.end_us) {
    const LocalHour hour = HourAt(calendar->edges_us.back());
    calendar->hour_of_week.push_back(static_cast<uint8_t>(hour.of_week));
    calendar->edges_us.push_back(std::min(period.end_us, hour.end_us));
  }
  return calendar;
}

// The learned rates laid over the period hour by hour, in local time.
budget::TargetCurve Pacing::Target(const Paced& paced, const Window& period) const {
  const bool front_loaded = paced.settings.shape == rules::PacingShape::kFrontLoaded;
  if (paced.settings.shape == rules::PacingShape::kEven) {
    return budget::TargetCurve({period.start_us, period.end_us}, {1}, false);
  }
  if (paced.calendar == nullptr || paced.calendar->period.start_us != period.start_us ||
      paced.calendar->period.end_us != period.end_us) {
    paced.calendar = CalendarOf(period);
  }
  const auto rates = paced.budget.curve().Rates();
  std::vector<double> density;
  density.reserve(paced.calendar->hour_of_week.size());
  for (const uint8_t hour : paced.calendar->hour_of_week) density.push_back(rates[hour]);
  return budget::TargetCurve(paced.calendar->edges_us, std::move(density), front_loaded);
}

}  // namespace tenure::engine
