// The only place that reads a clock. Everything above is handed instants.
#ifndef TENURE_SERVER_BASE_CLOCK_H_
#define TENURE_SERVER_BASE_CLOCK_H_

#include <atomic>
#include <cstdint>

namespace tenure {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  // Microseconds since the Unix epoch, UTC. May step backwards; the sequencer corrects for that.
  virtual int64_t NowUs() const = 0;
};

class SystemClock final : public Clock {
 public:
  int64_t NowUs() const override;
};

// Starts at a stated instant and runs at `rate` × real time (0 stands still): demos and tests.
class ConfiguredClock final : public Clock {
 public:
  ConfiguredClock(int64_t start_us, double rate);
  int64_t NowUs() const override;

 private:
  const int64_t start_us_;
  const double rate_;
  const int64_t origin_us_;  // monotonic
};

// Moves only when told.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(int64_t now_us) : now_us_(now_us) {}
  int64_t NowUs() const override { return now_us_.load(); }
  void Set(int64_t now_us) { now_us_.store(now_us); }
  void Advance(int64_t by_us) { now_us_.fetch_add(by_us); }

 private:
  std::atomic<int64_t> now_us_;
};

// Monotonic microseconds for measuring spans: deadlines of plugins, durations in reports.
int64_t MonotonicUs();

}  // namespace tenure

#endif  // TENURE_SERVER_BASE_CLOCK_H_
