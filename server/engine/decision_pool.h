// The threads that evaluate: they take what waits together as one batch, value it on committed
// state and hand it to the sequencer.
#ifndef TENURE_SERVER_ENGINE_DECISION_POOL_H_
#define TENURE_SERVER_ENGINE_DECISION_POOL_H_

#include <atomic>
#include <cstddef>
#include <deque>
#include <thread>
#include <vector>

#include "server/base/mutex.h"
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

 private:
  void Work();
  void Evaluate(std::vector<DecideCommand> commands);

  const Options& options_;
  const customers::Population* const population_;
  const InForce* const in_force_;
  CommandQueue* const sequencer_;
  Mutex mutex_;
  CondVar wake_;
  std::deque<DecideCommand> waiting_ TENURE_GUARDED_BY(mutex_);
  std::atomic<size_t> open_rows_{0};  // let in and not answered yet
  bool stop_ TENURE_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace tenure::engine

#endif  // TENURE_SERVER_ENGINE_DECISION_POOL_H_
