// The state as a fold of the journal: the one place where an entry changes anything. The sequencer
// applies what it is about to append, recovery applies what it reads, by the same functions.
#ifndef TENURE_SERVER_ENGINE_FOLD_H_
#define TENURE_SERVER_ENGINE_FOLD_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/base/limits.h"
#include "server/budget/ledger.h"
#include "server/customers/population.h"
#include "server/engine/arrival_counts.h"
#include "server/engine/bytes.h"
#include "server/engine/key_window.h"
#include "server/engine/pacing.h"
#include "server/engine/setup.h"
#include "server/journal/entry.h"
#include "server/journal/journal.h"
#include "server/journal/records.h"

namespace tenure::engine {

// Raised whenever the same journal folds to another state than before, or a snapshot's form
// changes: older snapshots are then left aside and everything is folded anew.
inline constexpr uint64_t kFoldVersion = 9;

// Holds that ended are kept for as long after their own and their period's end: longer than request
// ids, so that a repeated commit or release still finds its hold.
inline constexpr int64_t kSettledDaysKept = 35;

// Fingerprint of an event's key: its source and its id.
uint64_t EventFingerprint(absl::string_view source, absl::string_view event_id);

// The methods that a request id is unique within, and the fingerprint of such a key.
enum class Method : uint8_t {
  kDecide = 1,
  kCommitHold,
  kReleaseHold,
  kRules,
  kModel,
  kPlan,
  kModelInForce,
  kRefundHold,
  kRedeemCoupon,
};
uint64_t RequestFingerprint(Method method, absl::string_view caller, absl::string_view request_id);

// Not thread-safe: the sequencer's. Changes between Begin and Publish can be taken back by
// Rollback, all of them; readers of the population see them from Publish on. Between the two an
// Apply that returns an error has changed nothing.
class Fold {
 public:
  Fold(customers::Population* population, const Limits& limits);

  void Begin();
  void Publish();
  void Rollback();

  absl::Status Apply(const journal::Entry& entry, const journal::EventRecord& event,
                     uint64_t fingerprint);
  absl::Status Apply(const journal::Entry& entry, const journal::DecisionRecord& decision);
  absl::Status Apply(const journal::Entry& entry, const journal::HoldRecord& hold);
  absl::Status Apply(const journal::Entry& entry, const journal::RedemptionRecord& redemption);
  absl::Status Apply(const journal::Entry& entry, const journal::RuleSetRecord& record,
                     std::shared_ptr<const rules::RuleSet> rules);
  absl::Status Apply(const journal::Entry& entry, const journal::ModelRecord& record,
                     clv::ModelDocument models);
  // The methods that records answer.
  static Method MethodOf(const journal::HoldRecord& record);
  static Method MethodOf(const journal::ModelRecord& record);
  absl::Status Apply(const journal::Entry& entry, const journal::PlanRecord& plan);
  absl::Status Apply(const journal::Entry& entry, const journal::BudgetPeriodRecord& period);
  absl::Status Apply(const journal::Entry& entry, const journal::PacingRecord& pacing);
  // In a batch of its own, as far as customers go.
  absl::Status Apply(const journal::Entry& entry, const journal::TickRecord& tick);
  // Decodes and applies whatever it is: for recovery. DATA_LOSS when the entry can't follow.
  absl::Status ApplyEntry(const journal::Entry& entry);

  // Expires what is due; each still needs its entry.
  std::vector<budget::ExpiredHold> ExpireHolds(int64_t at_us) { return ledger_.ExpireUntil(at_us); }
  // The customer whom an event names; staged when new.
  uint32_t FindOrAdd(absl::string_view id) { return change_->FindOrAdd(id); }
  const customers::Change& change() const { return *change_; }
  const budget::Ledger& ledger() const { return ledger_; }
  const Pacing& pacing() const { return pacing_; }
  const KeyWindow& events() const { return events_; }
  const KeyWindow& requests() const { return requests_; }
  const ArrivalCounts& arrivals() const { return arrivals_; }
  const Setup& setup() const { return setup_; }
  uint64_t last_seq() const { return last_seq_; }
  int64_t last_at_us() const { return last_at_us_; }
  // Whether some still wait for the tick that has begun last.
  bool tick_continues() const { return change_->waiting() > 0; }
  // Whether rules, model or plans have changed since Begin; whether paced prices were corrected.
  bool setup_changed() const { return setup_changed_; }
  bool pacing_changed() const { return pacing_changed_; }

  // Everything but the rule sets, models and plans themselves, which the journal has.
  std::string Save() const;
  // For a fresh fold. DATA_LOSS when the bytes are not a state, or not one of this journal.
  absl::Status Restore(absl::string_view bytes, const journal::Journal& journal);

 private:
  // What every entry moves: sequence, time, the customer's chain.
  void Advance(const journal::Entry& entry);
  void Remember(Method method, const journal::Entry& entry, const std::string& caller,
                const std::string& request_id);
  Setup* MutableSetup();
  absl::Status PlaceHold(const journal::Entry& entry, const journal::SelectionRecord& selection);
  void AddContact(const journal::Entry& entry, const journal::DecisionRecord& decision,
                  const journal::SelectionRecord& selection);
  absl::Status RestoreSetup(Reader* in, const journal::Journal& journal);

  customers::Population* const population_;
  std::unique_ptr<customers::Change> change_;
  budget::Ledger ledger_;
  Pacing pacing_;
  KeyWindow events_, requests_;
  ArrivalCounts arrivals_;
  Setup setup_;
  customers::Valuation valuation_;  // of setup_
  uint64_t last_seq_ = 0;
  int64_t last_at_us_ = 0;

  // What Rollback puts back.
  bool in_batch_ = false;
  bool setup_changed_ = false;
  bool pacing_changed_ = false;
  std::optional<Setup> setup_before_;
  uint64_t last_seq_before_ = 0;
  int64_t last_at_before_ = 0;
};

// The rule set of a record, compiled again. DATA_LOSS when it no longer gives the recorded hash.
absl::StatusOr<std::shared_ptr<const rules::RuleSet>> Recompile(
    const journal::RuleSetRecord& record);

}  // namespace tenure::engine

#endif  // TENURE_SERVER_ENGINE_FOLD_H_
