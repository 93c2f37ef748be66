// Decisions under way in a policy that does not return: taken from the thread that is stuck in it,
// to be asked again elsewhere.
#ifndef TENURE_SERVER_ENGINE_BATCH_WATCH_H_
#define TENURE_SERVER_ENGINE_BATCH_WATCH_H_

#include <map>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "server/base/mutex.h"
#include "server/engine/command.h"

namespace tenure::engine {

// Thread-safe.
class BatchWatch {
 public:
  using Commands = std::vector<DecideCommand>;

  // What this thread evaluates from now on; its own until Finish, but for what Take reads.
  Commands& Start(Commands commands);
  // Nothing when it was taken meanwhile: then others answer it, and what was evaluated is void.
  std::optional<Commands> Finish();
  // The commands of that thread as they were asked, so that they can be evaluated anew; each batch
  // once. Nothing when the thread has none under way. Reads only what an evaluation never writes
  // once a policy is asked.
  std::optional<Commands> Take(std::thread::id thread);

 private:
  struct Batch {
    Commands commands;
    bool taken = false;
  };
  Mutex mutex_;
  std::map<std::thread::id, std::unique_ptr<Batch>> under_way_ TENURE_GUARDED_BY(mutex_);
};

}  // namespace tenure::engine

#endif  // TENURE_SERVER_ENGINE_BATCH_WATCH_H_
