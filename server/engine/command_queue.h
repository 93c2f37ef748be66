// The one way in: commands wait here for the sequencer.
#ifndef TENURE_SERVER_ENGINE_COMMAND_QUEUE_H_
#define TENURE_SERVER_ENGINE_COMMAND_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "server/base/mutex.h"
#include "server/engine/command.h"

namespace tenure::engine {

// Thread-safe; one thread drains.
class CommandQueue {
 public:
  explicit CommandQueue(size_t depth) : depth_(depth) {}

  // False, and the command untouched, when `depth` commands wait.
  bool TryPush(Command&& command) {
    MutexLock lock(&mutex_);
    if (commands_.size() >= depth_) return false;
    PushLocked(std::move(command));
    return true;
  }
  // However many wait: for what was let in elsewhere.
  void Push(Command&& command) {
    MutexLock lock(&mutex_);
    PushLocked(std::move(command));
  }
  // Takes all that wait; waits for some up to `wait_us`. False when closed and empty.
  bool Drain(int64_t wait_us, std::vector<Command>* out) {
    out->clear();
    MutexLock lock(&mutex_);
    if (commands_.empty() && !closed_) wake_.WaitFor(&mutex_, wait_us);
    out->swap(commands_);
    return !out->empty() || !closed_;
  }
  // Nothing is pushed afterwards.
  void Close() {
    MutexLock lock(&mutex_);
    closed_ = true;
    wake_.NotifyOne();
  }

 private:
  void PushLocked(Command&& command) TENURE_REQUIRES(mutex_) {
    commands_.push_back(std::move(command));
    if (commands_.size() == 1) wake_.NotifyOne();
  }

  const size_t depth_;
  Mutex mutex_;
  CondVar wake_;
  std::vector<Command> commands_ TENURE_GUARDED_BY(mutex_);
  bool closed_ TENURE_GUARDED_BY(mutex_) = false;
};

}  // namespace tenure::engine

#endif  // TENURE_SERVER_ENGINE_COMMAND_QUEUE_H_
