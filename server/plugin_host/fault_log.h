// What goes wrong with a plugin, on the log: at once, but not thousands of times a second.
#ifndef TENURE_SERVER_PLUGIN_HOST_FAULT_LOG_H_
#define TENURE_SERVER_PLUGIN_HOST_FAULT_LOG_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "server/base/log.h"
#include "server/base/mutex.h"

namespace tenure::plugin_host {

// One plugin's. Thread-safe.
class FaultLog {
 public:
  explicit FaultLog(LogSink sink) : sink_(std::move(sink)) {}

  // A warning, at most once a minute for each `reason`; the next one says how many were left out.
  // `now_us` is monotonic.
  void Warn(absl::string_view reason, absl::string_view line, int64_t now_us);
  const LogSink& sink() const { return sink_; }

 private:
  struct Said {
    int64_t at_us = 0;
    uint64_t left_out = 0;
  };
  const LogSink sink_;
  Mutex mutex_;
  std::map<std::string, Said, std::less<>> said_ TENURE_GUARDED_BY(mutex_);  // by reason
};

}  // namespace tenure::plugin_host

#endif  // TENURE_SERVER_PLUGIN_HOST_FAULT_LOG_H_
