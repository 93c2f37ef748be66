// The threads that evaluate: they take what waits together as one batch, value it on committed
// state and hand it to the sequencer.
#ifndef TENURE_SERVER_ENGINE_DECISION_POOL_H_
#define TENURE_SERVER_ENGINE_DECISION_POOL_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include "server/base/mutex.h"
#include "server/engine/batch_watch.h"
#include "server/engine/command.h"
#include "server/engine/command_queue.h"
#include "server/engine/engine.h"
#include "server/engine/in_force.h"

namespace tenure::engine {

// Thread-safe.
class DecisionPool {
 public:
  // All pointers outlive it.
  DecisionPool(const Options& options, const customers::Population* population,
               const InForce* in_force, CommandQueue* sequencer);
  ~DecisionPool();

  // False, and the command untouched, when as many rows are on their way as the queue is deep. A
  // row is on its way until it is answered: what a slow disk holds up counts as much as what waits
  // for a thread.
  bool TryPush(DecideCommand&& command);
  // Takes back what the sequencer found stale, before all that waits: it was let in already. False,
  // and the command untouched, when the pool has stopped.
  bool EvaluateAgain(DecideCommand&& command);
  // Hands on what waits, then ends the threads. Answers may come afterwards, while this lives.
  void Stop();
  // How many threads are stuck in a policy, and whether decisions go on.
  void AddTo(Health* health) const;

 private:
  void Work();
  // False when a stuck evaluation came back too late: others have its commands by then.
  bool Evaluate(std::vector<DecideCommand> asked);
  // The watchdog, in decision_pool_watch.cc: finds calls of policies that do not return, has their
  // plugins left alone from now on, and has what waits for them evaluated by another thread.
  void Watch();
  void FindStuck();
  void Replace(std::vector<DecideCommand> commands);

  const Options& options_;
  const customers::Population* const population_;
  const InForce* const in_force_;
  CommandQueue* const sequencer_;
  BatchWatch batches_;
  mutable Mutex mutex_;
  CondVar wake_;
  std::deque<DecideCommand> waiting_ TENURE_GUARDED_BY(mutex_);
  std::atomic<size_t> open_rows_{0};  // let in and not answered yet
  bool stop_ TENURE_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;                // grows by Replace, until Stop
  size_t taken_ TENURE_GUARDED_BY(mutex_) = 0;      // threads whose batch was taken from them
  size_t came_back_ TENURE_GUARDED_BY(mutex_) = 0;  // of those; they have ended
  size_t replaced_ TENURE_GUARDED_BY(mutex_) = 0;
  bool watch_over_ TENURE_GUARDED_BY(mutex_) = false;
  CondVar watch_wake_;
  // The watchdog's own: calls past their limit, and at how many looks in a row.
  using LateCall = std::pair<std::thread::id, int64_t>;  // and its deadline
  std::map<LateCall, int> late_;
  std::thread watchdog_;
};

}  // namespace tenure::engine

#endif  // TENURE_SERVER_ENGINE_DECISION_POOL_H_
