// How the process ends when something in it never does.
#ifndef TENURE_SERVER_MAIN_LAST_RESORT_H_
#define TENURE_SERVER_MAIN_LAST_RESORT_H_

#include <cstdint>
#include <string>
#include <thread>

#include "server/base/mutex.h"

namespace tenure::daemon {

// Says why on the log and ends the process with exit code 1, whatever its threads are doing. Safe
// at any time: what was acknowledged was written to the journal's file before; what is missing is
// the snapshot, so that the next start folds more entries.
[[noreturn]] void EndAtOnce(const std::string& why);

// Ends the process so many milliseconds from now, unless it is destroyed before.
class LastResort {
 public:
  explicit LastResort(int64_t after_ms);
  ~LastResort();
  LastResort(const LastResort&) = delete;
  LastResort& operator=(const LastResort&) = delete;

 private:
  Mutex mutex_;
  CondVar called_off_;
  bool over_ TENURE_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace tenure::daemon

#endif  // TENURE_SERVER_MAIN_LAST_RESORT_H_
