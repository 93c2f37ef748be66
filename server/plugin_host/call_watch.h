// The calls of a plugin that are under way: who is in one for too long, and what follows from it.
#ifndef TENURE_SERVER_PLUGIN_HOST_CALL_WATCH_H_
#define TENURE_SERVER_PLUGIN_HOST_CALL_WATCH_H_

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "server/base/mutex.h"

namespace tenure::plugin_host {

// One plugin's. Thread-safe.
class CallWatch {
 public:
  struct Call {
    std::thread::id thread;
    int64_t deadline_us = 0;
    bool limited = false;  // it has a limit of its own: a decision waits for it
  };

  // A call that this thread makes now, until End, with a limit; without one (0) it has a minute.
  // All times are monotonic. FAILED_PRECONDITION, "stuck since …", once the plugin is quarantined;
  // then there is nothing to end.
  absl::Status Begin(int64_t now_us, int64_t limit_us);
  void End();

  // Those past their deadline.
  std::vector<Call> Overdue(int64_t now_us) const;
  // From now on no call begins; for the life of the process. `since`: an instant for people.
  // False when it was quarantined already.
  bool Quarantine(const std::string& since);

 private:
  mutable Mutex mutex_;
  std::vector<Call> calls_ TENURE_GUARDED_BY(mutex_);  // few: one a thread
  std::string stuck_since_ TENURE_GUARDED_BY(mutex_);  // empty: it is not
};

}  // namespace tenure::plugin_host

#endif  // TENURE_SERVER_PLUGIN_HOST_CALL_WATCH_H_
