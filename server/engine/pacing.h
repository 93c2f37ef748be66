// Pacing as a part of the fold: which budgets follow a curve, at which prices, and what today took.
#ifndef TENURE_SERVER_ENGINE_PACING_H_
#define TENURE_SERVER_ENGINE_PACING_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/base/time.h"
#include "server/budget/ledger.h"
#include "server/budget/paced_budget.h"
#include "server/engine/bytes.h"
#include "server/engine/pacing_status.h"
#include "server/engine/setup.h"
#include "server/journal/entry.h"
#include "server/journal/records.h"
#include "server/rules/rule_set.h"

namespace tenure::engine {

// Not thread-safe: the fold's. Changes since Checkpoint can be taken back by Rollback.
class Pacing {
 public:
  void Checkpoint() { before_ = budgets_; }
  // `rules` are those that were in force; may be null.
  void Rollback(std::shared_ptr<const rules::RuleSet> rules);

  // Paces the budgets for which these rules ask it. One that was paced before keeps what it has
  // learned, and begins at its planned prices.
  void SetRules(std::shared_ptr<const rules::RuleSet> rules);
  // A plan brings new prices.
  void SetPlan(absl::string_view budget);
  // Who came, and what was held for them.
  void Decided(const journal::Entry& entry, const journal::DecisionRecord& decision);
  // `freed_micros` of a hold on that path are free again. The day it was placed in gets them back
  // while it lasts.
  void Freed(absl::string_view path, uint64_t hold_id, int64_t freed_micros);
  void Apply(const journal::Entry& entry, const journal::PacingRecord& record);

  // Whether a correction is due, of a budget whose period is open.
  bool IsDue(int64_t at_us, const Setup& setup) const;
  // The corrections that are due, of budgets whose period is open.
  std::vector<journal::PacingRecord> Due(int64_t at_us, const Setup& setup,
                                         const budget::Ledger& ledger) const;
  // By path of the segments whose planned price is corrected: the factor.
  std::map<std::string, double> Factors() const;

  // Why an offer can't reach this customer today, with figures; empty where it can. `taken_micros`
  // come on top of what the day has used; an `owed` one is stopped by the day's cap only.
  std::string WhyPaced(absl::string_view leaf_path, absl::string_view customer_id, int64_t micros,
                       int64_t taken_micros, bool owed, int64_t at_us) const;

  // What an operator is told where `record` begins or ends an alarm; empty where it does not.
  std::string Alarm(const journal::PacingRecord& record, int64_t at_us) const;

  // Of what is left of the period from `from_us` on: the share that is to be spent by `to_us`, as
  // far as hours are known by now. None: that budget is not paced.
  std::optional<double> ShareOfRest(absl::string_view budget, const Window& period, int64_t from_us,
                                    int64_t to_us) const;

  // For operators, as of an instant of the present.
  std::vector<PacingStatus> Status(int64_t at_us) const;

  void Save(Writer* out) const;
  // After SetRules of the same rules.
  absl::Status Restore(Reader* in);

 private:
  // A period in the hours of the local clock.
  struct Calendar {
    Window period{0, 0};
    std::vector<int64_t> edges_us;      // where hours begin, and the period's end
    std::vector<uint8_t> hour_of_week;  // by hour
  };

  struct Paced {
    std::string id;
    rules::Pacing settings;
    budget::PacedBudget budget;
    // The local day that the last hold fell in, where there is a cap, and what it has used: held
    // and committed of the holds placed in it.
    Window day{0, 0};
    uint64_t first_seq = 0;  // of the day's decisions
    int64_t used_micros = 0;
    // Of the period that was asked for last, by the rules in force: a year has 8,760 hours, each of
    // which costs a look at the time zone. Null: none yet.
    mutable std::shared_ptr<const Calendar> calendar;
  };

  struct LocalHour {
    int of_week;
    int64_t end_us;  // as long as the clock is not changed within it
  };

  Paced* Find(absl::string_view budget);
  const Paced* Find(absl::string_view budget) const;
  Window DayAt(int64_t at_us) const;
  // Of the rule set's zone, which also is the budgets'.
  LocalHour HourAt(int64_t at_us) const;
  int HourOfWeek(int64_t at_us) const { return HourAt(at_us).of_week; }
  std::shared_ptr<const Calendar> CalendarOf(const Window& period) const;
  budget::TargetCurve Target(const Paced& paced, const Window& period) const;

  std::shared_ptr<const rules::RuleSet> rules_;  // null before the first
  std::vector<Paced> budgets_;                   // in the rules' order
  std::vector<Paced> before_;
  std::vector<int32_t> paced_of_;  // by campaign: index into budgets_; −1: not paced
};

}  // namespace tenure::engine

#endif  // TENURE_SERVER_ENGINE_PACING_H_
