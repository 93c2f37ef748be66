#include "server/budget/paced_budget.h"

#include <algorithm>
#include <utility>

#include "server/budget/pacer.h"

namespace tenure::budget {
namespace {

using journal::PacingRecord;
using journal::PacingState;

// Steps apart from which time has passed unseen.
constexpr int64_t kGapUs = 3 * kPaceStepUs;
// The mean of holds is of about the last so many.
constexpr uint64_t kHoldsRemembered = 4'096;

double HoursOf(int64_t us) { return static_cast<double>(us) / static_cast<double>(kMicrosPerHour); }

}  // namespace

void PacedBudget::Arrive(int hour_of_week, int64_t at_us) {
  curve_.Arrive(hour_of_week);
  state_.last_arrival_us = at_us;
  ++state_.arrivals;
}

void PacedBudget::AddHold(int64_t micros) {
  ++state_.holds;
  state_.hold_micros += micros;
  if (state_.holds < kHoldsRemembered) return;
  state_.holds /= 2;
  state_.hold_micros /= 2;
}

void PacedBudget::Begin() {
  state_.last_step_us = 0;
  state_.in_force.envelopes.clear();
}

int64_t PacedBudget::NextStepUs() const {
  return (state_.last_step_us / kPaceStepUs + 1) * kPaceStepUs;
}

PacingState PacedBudget::NextState(int64_t now_us, const TargetCurve& target, double missed,
                                   int64_t stale_after_us) const {
  // A fault goes on over the ends of periods, new plans and new rules.
  if (missed >= kMissedArrivals && now_us - state_.last_arrival_us >= stale_after_us) {
    return PacingState::kStale;
  }
  if (BeginsIn(target)) return PacingState::kBegins;
  if (now_us - state_.last_step_us > kGapUs) return PacingState::kGap;
  return state_.arrivals > 0 ? PacingState::kFollows : PacingState::kQuiet;
}

PacingRecord PacedBudget::Next(int64_t now_us, absl::Span<const PaceReading> readings,
                               const TargetCurve& target, double rate,
                               int64_t stale_after_us) const {
  PacingRecord record;
  record.budget = state_.in_force.budget;
  const int64_t passed_us = now_us - state_.last_step_us;
  double missed = 0;
  if (state_.arrivals == 0) {
    missed = state_.in_force.missed_arrivals + (passed_us > kGapUs ? 0 : rate * HoursOf(passed_us));
  }
  record.state = NextState(now_us, target, missed, stale_after_us);
  record.missed_arrivals = missed;
  const double typical = state_.holds == 0 ? 0
                                           : static_cast<double>(state_.hold_micros) /
                                                 static_cast<double>(state_.holds);
  for (const PaceReading& reading : readings) {
    PacingRecord::Envelope envelope;
    envelope.path = reading.path;
    envelope.limit_micros = reading.limit_micros;
    envelope.spent_micros = reading.spent_micros;
    envelope.target_micros =
        static_cast<double>(reading.limit_micros) * target.Share(target.start_us(), now_us);
    const PacingRecord::Envelope* const before = BeginsIn(target) ? nullptr : Find(reading.path);
    Pace pace = PaceAt(before == nullptr ? 0 : before->pressure, reading.priced);
    if (before != nullptr) {
      // What was left then is to be spent on the rest of the curve.
      const double left = static_cast<double>(reading.limit_micros - before->spent_micros);
      const double due = before->carried_micros +
                         std::max(0.0, left) * target.ShareOfRest(state_.last_step_us, now_us);
      const auto spent = static_cast<double>(reading.spent_micros - before->spent_micros);
      if (record.state == PacingState::kQuiet) envelope.carried_micros = due - spent;
      if (record.state == PacingState::kFollows) {
        const auto limit = static_cast<double>(reading.limit_micros);
        pace = Correct(pace, {limit, spent, due, typical}, reading.priced);
      }
    }
    envelope.pressure = pace.pressure;
    envelope.factor = pace.factor;
    envelope.pass_share = pace.pass_share;
    record.envelopes.push_back(std::move(envelope));
  }
  return record;
}

void PacedBudget::Apply(const PacingRecord& record, int64_t at_us, int hour_of_week) {
  const int64_t passed_us = at_us - state_.last_step_us;
  if (state_.last_step_us > 0 && passed_us <= kGapUs) {
    curve_.Watch(hour_of_week, std::min(1.0, HoursOf(passed_us)));
  }
  state_.last_step_us = at_us;
  state_.arrivals = 0;
  state_.in_force = record;
}

const PacingRecord::Envelope* PacedBudget::Find(absl::string_view path) const {
  for (const PacingRecord::Envelope& envelope : state_.in_force.envelopes) {
    if (envelope.path == path) return &envelope;
  }
  return nullptr;
}

PacedBudget::State PacedBudget::state() const {
  State state = state_;
  state.hours = curve_.hours();
  return state;
}

}  // namespace tenure::budget
