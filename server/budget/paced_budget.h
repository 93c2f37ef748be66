// A budget whose spend follows a curve: what pacing knows of it, and its next correction.
#ifndef TENURE_SERVER_BUDGET_PACED_BUDGET_H_
#define TENURE_SERVER_BUDGET_PACED_BUDGET_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "server/base/time.h"
#include "server/budget/arrival_curve.h"
#include "server/budget/target_curve.h"
#include "server/journal/records.h"

namespace tenure::budget {

// How often prices are corrected.
inline constexpr int64_t kPaceStepUs = 5 * 60 * kMicrosPerSecond;
// So many arrivals must be missing before silence is believed to be a fault: by chance alone it
// happens once in 500 million times.
inline constexpr double kMissedArrivals = 20;

// One envelope as the ledger has it at the moment.
struct PaceReading {
  std::string path;
  int64_t limit_micros = 0;
  int64_t spent_micros = 0;  // held and committed
  bool priced = false;       // the plan has a price for its money
};

// A fold of arrivals, holds and corrections; a value, so that it can be kept and put back. Reads no
// clock. Not thread-safe.
class PacedBudget {
 public:
  // What the arithmetic is made of, for snapshots.
  struct State {
    ArrivalCurve::Hours hours;
    int64_t last_step_us = 0;     // of the record in force; 0: none
    int64_t last_arrival_us = 0;  // 0: none yet
    uint64_t arrivals = 0;        // since the last step
    uint64_t holds = 0;           // of late, and what they came to
    int64_t hold_micros = 0;
    journal::PacingRecord in_force;
  };

  explicit PacedBudget(std::string budget) { state_.in_force.budget = std::move(budget); }
  explicit PacedBudget(State state) : curve_(state.hours), state_(std::move(state)) {}

  // A decision weighed an offer of this budget; in that hour of the local week.
  void Arrive(int hour_of_week, int64_t at_us);
  // An offer of this budget was given out.
  void AddHold(int64_t micros);
  // Prices are new: the next step begins at them.
  void Begin();

  // Whether a step is due; at multiples of kPaceStepUs, so that local hours begin with one.
  bool IsDue(int64_t now_us) const { return now_us >= NextStepUs(); }
  int64_t NextStepUs() const;
  // The next correction, at `now_us`. `target` is of the running period, which holds `now_us`;
  // `rate` is how many arrivals were expected an hour since the last step, 0 while nothing is
  // known; silence is stale from `stale_after_us` on. Pure.
  journal::PacingRecord Next(int64_t now_us, absl::Span<const PaceReading> readings,
                             const TargetCurve& target, double rate, int64_t stale_after_us) const;
  // Puts a correction in force, taken at `at_us`; it closes a step in that hour of the week.
  void Apply(const journal::PacingRecord& record, int64_t at_us, int hour_of_week);

  const journal::PacingRecord& in_force() const { return state_.in_force; }
  // By the envelope's path; null before the first step.
  const journal::PacingRecord::Envelope* Find(absl::string_view path) const;
  const ArrivalCurve& curve() const { return curve_; }
  int64_t last_arrival_us() const { return state_.last_arrival_us; }
  int64_t last_step_us() const { return state_.last_step_us; }
  State state() const;

 private:
  // Whether the period, or its prices, are newer than the last step.
  bool BeginsIn(const TargetCurve& target) const {
    return state_.last_step_us < target.start_us() || state_.last_step_us == 0;
  }
  journal::PacingState NextState(int64_t now_us, const TargetCurve& target, double missed,
                                 int64_t stale_after_us) const;

  ArrivalCurve curve_;
  State state_;  // but the hours
};

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_PACED_BUDGET_H_
