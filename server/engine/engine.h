// The state as a whole. Every change enters by one queue, is put in order by one sequencer thread,
// committed to the journal and only then answered; everything in memory is the fold of the journal.
#ifndef TENURE_SERVER_ENGINE_ENGINE_H_
#define TENURE_SERVER_ENGINE_ENGINE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/clock.h"
#include "server/base/limits.h"
#include "server/base/log.h"
#include "server/base/status.h"
#include "server/budget/ledger.h"
#include "server/customers/population.h"
#include "server/decision/world.h"
#include "server/engine/model_versions.h"
#include "server/engine/pacing_status.h"
#include "server/engine/plan_basis.h"
#include "server/engine/plan_versions.h"
#include "server/journal/journal.h"
#include "server/journal/records.h"
#include "server/plugin_host/registry.h"

namespace tenure::engine {

struct Options {
  std::string data_dir;  // journal.sqlite and snapshot-<seq>
  journal::Durability durability = journal::Durability::kProcess;
  const Clock* clock = nullptr;
  std::shared_ptr<const plugin_host::Registry> plugins;
  Limits limits;
  int decision_threads = 2;
  int64_t tick_us = kMicrosPerHour;
  uint64_t snapshot_every = 1'000'000;  // entries; also at a clean stop
  LogSink log;                          // for operators; may be empty
};

// Who asked, for idempotency: (caller, method, request id) → the same reply for 24 h.
struct RequestKey {
  std::string caller;
  std::string request_id;  // empty: not idempotent
  std::string digest;      // of the canonical request
};

enum class EventStatus : uint8_t { kAccepted, kDuplicate, kRejected };
struct IngestResult {
  std::vector<EventStatus> statuses;  // by event
  std::vector<std::string> reasons;   // of rejected ones; empty otherwise
  uint64_t last_seq = 0;
};

struct DecideRequest {
  RequestKey key;
  std::string customer_id;
  bool dry_run = false;  // evaluates and walks, records and holds nothing
};

// A decision as recorded: its id is "<seq, 16 hex digits>" and carries its place in the journal.
struct Decision {
  uint64_t seq = 0;  // 0 for a dry run
  int64_t at_us = 0;
  journal::DecisionRecord record;
};
std::string DecisionId(uint64_t seq);
absl::StatusOr<uint64_t> ParseDecisionId(absl::string_view id);
// A hold's id: decision sequence × 16 + placement. The rules compiler allows no more placements.
inline constexpr uint32_t kPlacementsOfDecision = 16;
inline uint64_t HoldId(uint64_t decision_seq, uint32_t placement) {
  TENURE_CHECK(placement < kPlacementsOfDecision);
  return decision_seq * kPlacementsOfDecision + placement;
}
// Or the redemption that placed it: the entry either way. A coupon has the id of the hold that its
// decision placed with it.
inline uint64_t DecisionOfHold(uint64_t hold_id) { return hold_id / kPlacementsOfDecision; }

struct HoldState {
  uint64_t hold_id = 0;
  std::string state;  // "HELD", "COMMITTED", "RELEASED", "EXPIRED", "REFUNDED"
  int64_t held_micros = 0, committed_micros = 0;
  int64_t refunded_micros = 0;  // of what was committed
  int64_t expires_us = 0;
  uint64_t coupon_id = 0;  // that it redeems; 0: a decision's
};

struct BudgetBalance {
  std::string path;  // "lifecycle", "lifecycle/loyal", "lifecycle/loyal/upsell"
  int64_t start_us = 0, end_us = 0;
  int64_t limit_micros = 0, held_micros = 0, committed_micros = 0;
  int64_t refunded_micros = 0;  // came back; no longer in what is committed
  bool overcommitted = false;
};

struct Health {
  bool writes_ok = true;
  std::string why;  // when not
  // Threads in a policy that does not return. Each was replaced while `decides`; they end with the
  // process only, so it must not wait for them.
  int stuck_threads = 0;
  bool decides = true;
  uint64_t last_seq = 0;
  int64_t now_us = 0;
  std::string recovered_from;  // "snapshot-120000 + 35 entries", "full fold of 35 entries"
};

// The type of a payload of RESOURCE_EXHAUSTED: a budget is full, and a repeat would not help.
inline constexpr char kBudgetExhausted[] = "tenure.engine.BudgetExhausted";

template <typename T>
using Done = std::function<void(absl::StatusOr<T>)>;

// Thread-safe. A `done` is called exactly once and must not block: after the commit on one of the
// engine's threads, or, where the request is refused before it waits (full queue, no rule set), in
// the caller's before the call returns.
class Engine {
 public:
  // Opens or creates the data folder, recovers (snapshot plus fold), catches up the ticks.
  // FAILED_PRECONDITION when another process has the folder; UNAVAILABLE when it can't be written;
  // DATA_LOSS when the journal is damaged, or gone while a snapshot of it is still there.
  static absl::StatusOr<std::unique_ptr<Engine>> Open(Options options);
  // The same over another journal than the folder's SQLite file.
  static absl::StatusOr<std::unique_ptr<Engine>> Open(Options options,
                                                      std::unique_ptr<journal::Journal> journal);
  // Drains the queue, writes a snapshot, closes. Waits for stuck threads: see Health.
  ~Engine();

  // ---- Changes. RESOURCE_EXHAUSTED when the queue is full; UNAVAILABLE when the journal fails:
  // then nothing was written, and health says so until a write succeeds again, which is tried every
  // now and then. After an error that can't pass, no write is tried until the folder is opened
  // again. ----
  void Ingest(std::vector<journal::EventRecord> events, Done<IngestResult> done);
  // NOT_FOUND for an unknown customer; FAILED_PRECONDITION without a rule set; ALREADY_EXISTS when
  // the request id was used with another body.
  void Decide(DecideRequest request, Done<Decision> done);
  // In row order: a later row of the same customer sees the earlier one's holds. Rows with request
  // ids have digests of the whole batch: where one id was used by another batch, every row is
  // ALREADY_EXISTS and none is decided.
  void BatchDecide(std::vector<DecideRequest> requests,
                   std::function<void(std::vector<absl::StatusOr<Decision>>)> done);
  // NOT_FOUND; FAILED_PRECONDITION after release or expiry; OUT_OF_RANGE above what is held.
  void CommitHold(RequestKey key, uint64_t hold_id, int64_t actual_micros, Done<HoldState> done);
  void ReleaseHold(RequestKey key, uint64_t hold_id, Done<HoldState> done);
  // Gives back what was spent, whole or in part, to the period it was spent in. NOT_FOUND;
  // FAILED_PRECONDITION where nothing was committed; OUT_OF_RANGE above what is left of it.
  void RefundHold(RequestKey key, uint64_t hold_id, int64_t micros, Done<HoldState> done);
  // Holds money for a coupon, until it is committed, released, or the campaign's hold time is over.
  // NOT_FOUND; FAILED_PRECONDITION once redeemed, meanwhile, or after its validity;
  // OUT_OF_RANGE above what it is worth; RESOURCE_EXHAUSTED with kBudgetExhausted when a budget has
  // no room for it.
  void RedeemCoupon(RequestKey key, uint64_t coupon_id, int64_t micros, Done<HoldState> done);
  // Compiled and checked by the caller; in force from the entry on. FAILED_PRECONDITION when the
  // currency is another than that of the rules published before: recorded amounts have none.
  void PublishRules(RequestKey key, std::shared_ptr<const rules::RuleSet> rules,
                    Done<uint64_t> done);
  // A version of the model; in force from the entry on, unless it is a candidate.
  void RecordModel(journal::ModelRecord model, Done<uint64_t> done);
  // Puts a recorded version in force, a candidate or one that was in force before, by its hash.
  // NOT_FOUND names those there are. Reads the journal in the caller's thread.
  void ActivateModel(RequestKey key, absl::string_view hash, std::string reason,
                     Done<uint64_t> done);
  // Opens the plan's period with its limits, freezes its segments, puts its prices in force.
  // FAILED_PRECONDITION when it is not for the running period, or other rules or another model are
  // in force than it was made with.
  // With `after`, the entry of a plan: nor when that is not the budget's last any more.
  void ActivatePlan(journal::PlanRecord plan, Done<uint64_t> done, uint64_t after = 0);
  // A tick now: what the timer does every `tick_us`, at the end of a budget period, and when rules
  // or a model change.
  void Tick(Done<uint64_t> done);

  // ---- Reads. ----
  std::shared_ptr<const decision::World> world() const;  // null before the first rule set
  const customers::Population& population() const;
  int64_t NowUs() const;  // the sequencer's time: never before the last entry
  absl::StatusOr<Decision> GetDecision(uint64_t seq) const;  // from the journal; NOT_FOUND
  // The rule set that was in force by its hash, recompiled from the journal. NOT_FOUND.
  absl::StatusOr<std::shared_ptr<const rules::RuleSet>> GetRules(absl::string_view hash) const;
  // The model in force, for people; NOT_FOUND before the first.
  absl::StatusOr<journal::ModelRecord> GetModel() const;
  // Any version of the journal by its hash, the last of that hash. NOT_FOUND names those there are.
  absl::StatusOr<ModelVersion> FindModelVersion(absl::string_view hash) const;
  // At most so many versions, newest first, from the model's entry `from` back; 0: the last one.
  struct ModelPage {
    std::vector<ModelVersion> versions;
    uint64_t next = 0;  // `from` of the next page; 0: that was all
  };
  absl::StatusOr<ModelPage> ListModels(uint64_t from, size_t most) const;
  // The plan made last, of whatever budget and also when its period is over. NOT_FOUND before the
  // first.
  absl::StatusOr<PlanVersion> GetPlan() const;
  // Those in force, by their budgets' ids: at most one a budget.
  std::vector<std::shared_ptr<const journal::PlanRecord>> plans() const;
  // At most so many, newest first, of a budget or, where that is empty, of all; from the plan's
  // entry `from` back; 0: the last one. As ReadPlans.
  absl::StatusOr<PlanPage> ListPlans(absl::string_view budget, uint64_t from, size_t most) const;
  // What RecordModel, ActivateModel or ActivatePlan answered with, from the journal. NOT_FOUND when
  // that entry is something else.
  absl::StatusOr<journal::ModelRecord> GetModel(uint64_t seq) const;
  absl::StatusOr<PlanVersion> GetPlan(uint64_t seq) const;
  // The entry that answered this request before, 0: none; asked before a long calculation, so that
  // a retry costs none. ALREADY_EXISTS when the request id was used with another body.
  void FindModel(RequestKey key, Done<uint64_t> done);
  void FindPlan(RequestKey key, Done<uint64_t> done);
  void GetHold(uint64_t hold_id, Done<HoldState> done);
  // Balances of all open periods; runs between batches, so it sees committed state.
  void GetBalances(Done<std::vector<BudgetBalance>> done);
  // What a plan of that budget has to know; as GetBalances.
  void GetPlanBasis(std::string budget, Done<PlanBasis> done);
  // Of every period of a budget there ever was, in the order of its periods.
  void GetBalanceHistory(std::string budget, Done<std::vector<BudgetBalance>> done);
  // The paced budgets, in the rules' order; likewise.
  void GetPacing(Done<std::vector<PacingStatus>> done);
  // Recomputes every counter from the holds, folds the journal with an independent checker, and
  // compares the two, envelope by envelope. A sentence with the figures; DATA_LOSS otherwise. One
  // audit at a time, on a thread of its own: RESOURCE_EXHAUSTED when too many wait, UNAVAILABLE
  // when the engine closes first.
  void VerifyLedger(Done<std::string> done);
  Health health() const;

 private:
  class Impl;
  explicit Engine(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tenure::engine

#endif  // TENURE_SERVER_ENGINE_ENGINE_H_
