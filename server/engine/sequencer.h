// The one thread that changes anything: it drains the queue, checks, applies, numbers, appends,
// commits, publishes and only then replies.
#ifndef TENURE_SERVER_ENGINE_SEQUENCER_H_
#define TENURE_SERVER_ENGINE_SEQUENCER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/engine/command.h"
#include "server/engine/command_queue.h"
#include "server/engine/engine.h"
#include "server/engine/fold.h"
#include "server/engine/in_force.h"
#include "server/journal/journal.h"

namespace tenure::engine {

// A commit that fails undoes its whole batch, which is answered UNAVAILABLE. Where the journal says
// that the trouble may pass (RESOURCE_EXHAUSTED, UNAVAILABLE) the next batch is tried as usual and
// puts health back, and without traffic a tick is tried: after a second, then ever more rarely,
// once in half a minute at last. After any other error writes are refused until the folder is
// opened again.
class Sequencer {
 public:
  // All pointers outlive it. `snapshot_seq` is what the fold was recovered from, 0: none.
  Sequencer(const Options& options, journal::Journal* journal, Fold* fold, uint64_t snapshot_seq,
            InForce* in_force);
  ~Sequencer();

  // Where stale decisions go: false, and the command untouched, when nobody evaluates any more.
  using EvaluateAgain = std::function<bool(DecideCommand&&)>;
  // Catches up with the time that has passed, then runs the thread.
  void Start(EvaluateAgain evaluate_again);
  // Drains the queue, writes a snapshot, ends the thread. Nothing is pushed afterwards.
  void Stop();
  CommandQueue& queue() { return queue_; }

 private:
  struct Reply {
    std::function<void(const absl::Status& committed)> run;
  };

  void Run();
  void RunBatch(std::vector<Command>* commands);
  void Begin();
  void Commit();
  void Flush();  // commits what there is, so that what follows sees it
  void ReturnStale();
  void Refresh();
  // The same world at the prices that pacing has corrected.
  void Reprice();
  void Failed(const absl::Status& cause);
  void Worked();

  void Handle(IngestCommand& command);
  void Handle(DecideCommand& command);
  void Handle(HoldCommand& command);
  void Handle(RedeemCommand& command);
  void Handle(RulesCommand& command);
  void Handle(ModelCommand& command);
  void Handle(PlanCommand& command);
  void Handle(FindCommand& command);
  void Handle(TickCommand& command);
  void Handle(ReadCommand& command);

  // Answers after the commit: `result`, or why it failed.
  template <typename T>
  void ReplyWith(Done<T> done, absl::StatusOr<T> result);
  // The same once nobody waits for the tick that this batch begins. It is committed before,
  // whatever becomes of the rest.
  template <typename T>
  void ReplyAfterTick(Done<T> done, absl::StatusOr<T> result);

  // Why a customer's state can't take it; empty when it can.
  std::string WhyTooMuch(const journal::EventRecord& event) const;
  // `why` receives the reason of a rejection.
  absl::StatusOr<EventStatus> Accept(const journal::EventRecord& event, std::string payload,
                                     uint64_t fingerprint, std::string* why);
  // What a customer's open holds on the channel come to when a consent is taken back.
  absl::Status ReleaseRevoked(uint32_t customer, const journal::EventRecord& event);
  bool IsStale(const DecideCommand& command) const;
  // ALREADY_EXISTS when a row's request id was used by another batch: then no row is decided, not
  // even one whose own id is new.
  absl::Status FindClash(const DecideCommand& command) const;
  absl::StatusOr<Decision> DecideOne(const decision::World& world, DecideRow row);
  absl::StatusOr<HoldState> SettleHold(const HoldCommand& command);
  absl::StatusOr<HoldState> Redeem(const RedeemCommand& command);
  absl::StatusOr<uint64_t> Publish(const RulesCommand& command);
  absl::StatusOr<uint64_t> Record(ModelCommand& command);
  absl::StatusOr<uint64_t> Activate(PlanCommand& command);
  absl::Status MadeByWhatIsInForce(const journal::PlanRecord& plan) const;

  // Time: ticks, ends of budget periods, expiries. PassTimeIfDue sets the time that it looks at,
  // and what follows goes on at that very instant; what it brings is a batch of its own.
  void PassTimeIfDue();
  bool TimeIsDue() const;
  void PassTime();
  void BeginTick();
  void ContinueTick();
  void AppendTick(const journal::TickRecord& tick);
  // Whether the next slice of a tick can be written. After a failed write it waits for one that
  // works: PassTime tries.
  bool TickGoesOn() const;
  void AnswerAfterTick();
  void OpenPeriods(bool all);
  void CorrectPaces();
  void ExpireHolds();

  // The entry after the last one, now.
  journal::Entry NextEntry(journal::Kind kind, uint32_t customer, int64_t amount_micros) const;
  // An entry of this batch or of the journal.
  absl::StatusOr<journal::Entry> EntryAt(uint64_t seq) const;
  // The entry that answered this request before, 0: none. ALREADY_EXISTS when another body used the
  // id.
  absl::StatusOr<uint64_t> FindRequest(Method method, const RequestKey& key) const;

  void SnapshotWhenDue(bool stopping);
  void WriteSnapshotBeside();

  const Options& options_;
  journal::Journal* const journal_;
  Fold* const fold_;
  InForce* const in_force_;
  EvaluateAgain evaluate_again_;
  CommandQueue queue_;

  // Of the running batch.
  int64_t at_us_ = 0;
  std::vector<journal::Entry> entries_;
  std::vector<Reply> replies_;
  std::vector<DecideCommand> stale_;  // to be evaluated again on what is committed
  absl::Status batch_error_;  // of the passing of time: its batch is undone, never committed

  std::vector<std::function<void()>> after_tick_;

  std::map<std::string, double> factors_;  // that the world in force has

  absl::Status stopped_;     // not OK: writes are refused until the folder is opened again
  int failed_ = 0;           // commits in a row that failed and may be tried again
  int64_t retry_at_us_ = 0;  // MonotonicUs: until then the timer writes nothing
  std::atomic<uint64_t> snapshot_seq_;       // of the last one written
  std::atomic<uint64_t> snapshot_retry_{0};  // after a failure: not before this entry
  std::atomic<bool> snapshot_writing_{false};
  std::thread snapshot_writer_;
  std::thread thread_;
};

}  // namespace tenure::engine

#endif  // TENURE_SERVER_ENGINE_SEQUENCER_H_
