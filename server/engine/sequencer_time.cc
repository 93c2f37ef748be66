// What the passing of time brings: ticks, new budget periods, expired holds.
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/clock.h"
#include "server/base/status.h"
#include "server/engine/budget_periods.h"
#include "server/engine/sequencer.h"

namespace tenure::engine {

using journal::Entry;
using journal::Kind;

void Sequencer::PassTimeIfDue() {
  at_us_ = std::max(options_.clock->NowUs(), fold_->last_at_us());
  if (TimeIsDue()) PassTime();
}

bool Sequencer::TimeIsDue() const {
  if (!stopped_.ok()) return false;
  // A failed write is tried again, due or not: without traffic nothing else would show that the
  // trouble has passed. Until then nothing is, due or not: it would fail ten times a second.
  if (failed_ > 0) return MonotonicUs() >= retry_at_us_;
  if (fold_->last_seq() == 0) return false;
  const Setup& setup = fold_->setup();
  const std::optional<int64_t> expiry = fold_->ledger().next_expiry_us();
  return at_us_ >= setup.last_tick_us + options_.tick_us ||
         at_us_ >= NextPeriodEnd(setup, setup.last_tick_us) ||
         fold_->pacing().IsDue(at_us_, setup) || (expiry.has_value() && at_us_ >= *expiry);
}

void Sequencer::PassTime() {
  batch_error_ = absl::OkStatus();
  fold_->Begin();
  ExpireHolds();
  const Setup& setup = fold_->setup();
  if (failed_ > 0 || at_us_ >= setup.last_tick_us + options_.tick_us ||
      at_us_ >= NextPeriodEnd(setup, setup.last_tick_us)) {
    // A tick is a batch of its own.
    if (!entries_.empty()) {
      Commit();
      if (failed_ > 0) return;
      batch_error_ = absl::OkStatus();
      fold_->Begin();
    }
    BeginTick();
  }
  CorrectPaces();
  Commit();
}

// The world takes the corrected prices with the commit.
void Sequencer::CorrectPaces() {
  for (const journal::PacingRecord& record :
       fold_->pacing().Due(at_us_, fold_->setup(), fold_->ledger())) {
    std::string alarm = fold_->pacing().Alarm(record, at_us_);
    Entry entry = NextEntry(Kind::kPacing, 0, 0);
    entry.payload = journal::Encode(record);
    if (const absl::Status status = fold_->Apply(entry, record); !status.ok()) {
      batch_error_ = status;
      return;
    }
    entries_.push_back(std::move(entry));
    if (alarm.empty()) continue;
    // What is not committed is found again, and said then.
    replies_.push_back({[this, alarm = std::move(alarm)](const absl::Status& committed) {
      if (committed.ok()) Log(options_.log, Severity::kWarning, alarm);
    }});
  }
}

bool Sequencer::TickGoesOn() const {
  return stopped_.ok() && failed_ == 0 && fold_->tick_continues();
}

void Sequencer::BeginTick() {
  AppendTick({/*continues=*/false, options_.limits.customers_per_tick});
  OpenPeriods(/*all=*/false);
}

void Sequencer::ContinueTick() {
  Begin();
  AppendTick({/*continues=*/true, options_.limits.customers_per_tick});
  Commit();
}

void Sequencer::AnswerAfterTick() {
  std::vector<std::function<void()>> answers;
  answers.swap(after_tick_);
  for (const std::function<void()>& answer : answers) answer();
}

void Sequencer::AppendTick(const journal::TickRecord& tick) {
  Entry entry = NextEntry(Kind::kTick, 0, 0);
  entry.payload = journal::Encode(tick);
  const absl::Status status = fold_->Apply(entry, tick);
  if (!status.ok()) {
    batch_error_ = status;
    return;
  }
  entries_.push_back(std::move(entry));
}

void Sequencer::OpenPeriods(bool all) {
  for (const journal::BudgetPeriodRecord& period :
       PeriodsToOpen(fold_->setup(), fold_->ledger(), at_us_, all)) {
    Entry entry = NextEntry(Kind::kBudgetPeriod, 0, 0);
    const absl::Status status = fold_->Apply(entry, period);
    if (!status.ok()) {
      // The ledger is as it was; the budget stays closed, so that nothing is spent from it.
      Log(options_.log, Severity::kError,
          absl::StrCat("The period of budget ", period.budget,
                       " can't be opened: ", status.message()));
      continue;
    }
    entry.payload = journal::Encode(period);
    entries_.push_back(std::move(entry));
  }
}

// Breaks the batch where it fails, so it begins one.
void Sequencer::ExpireHolds() {
  for (const budget::ExpiredHold& expired : fold_->ExpireHolds(at_us_)) {
    const absl::StatusOr<Entry> decision = EntryAt(DecisionOfHold(expired.hold_id));
    if (!decision.ok()) {
      batch_error_ = decision.status();
      return;
    }
    Entry entry = NextEntry(Kind::kHold, decision->customer, expired.micros);
    journal::HoldRecord record;
    record.hold_id = expired.hold_id;
    record.change = journal::HoldChange::kExpired;
    entry.payload = journal::Encode(record);
    const absl::Status status = fold_->Apply(entry, record);
    if (!status.ok()) {
      batch_error_ = status;
      return;
    }
    entries_.push_back(std::move(entry));
  }
}

}  // namespace tenure::engine
