#include "server/main/last_resort.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "server/base/clock.h"

namespace tenure::daemon {

void EndAtOnce(const std::string& why) {
  spdlog::error("{}: the process ends without a snapshot; nothing acknowledged is lost", why);
  spdlog::default_logger()->flush();
  _exit(1);
}

LastResort::LastResort(int64_t after_ms) {
  thread_ = std::thread([this, after_ms] {
    const int64_t end_us = MonotonicUs() + after_ms * 1'000;
    mutex_.Lock();
    while (!over_) {
      const int64_t left_us = end_us - MonotonicUs();
      if (left_us <= 0) {
        EndAtOnce(absl::StrCat("the stop was not over after ", after_ms,
                               " ms, so something in it is stuck"));
      }
      called_off_.WaitFor(&mutex_, left_us);
    }
    mutex_.Unlock();
  });
}

LastResort::~LastResort() {
  {
    MutexLock lock(&mutex_);
    over_ = true;
    called_off_.NotifyAll();
  }
  thread_.join();
}

}  // namespace tenure::daemon
