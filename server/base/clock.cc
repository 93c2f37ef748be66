#include "server/base/clock.h"

#include <chrono>

namespace tenure {

int64_t SystemClock::NowUs() const {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

int64_t MonotonicUs() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

ConfiguredClock::ConfiguredClock(int64_t start_us, double rate)
    : start_us_(start_us), rate_(rate), origin_us_(MonotonicUs()) {}

int64_t ConfiguredClock::NowUs() const {
  const double elapsed = static_cast<double>(MonotonicUs() - origin_us_) * rate_;
  return start_us_ + static_cast<int64_t>(elapsed);
}

}  // namespace tenure
