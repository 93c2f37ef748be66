// The server fits new versions of the value model by itself, where the rule set's `value.refit`
// says so.
#ifndef TENURE_SERVER_MAIN_REFIT_H_
#define TENURE_SERVER_MAIN_REFIT_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>

#include "absl/status/statusor.h"
#include "server/base/log.h"
#include "server/base/mutex.h"

namespace tenure::engine {
class Engine;
}

namespace tenure::daemon {

// Who has asked for such a version.
inline constexpr char kRefitCaller[] = "tenured/refit";

// Whether a refit is due follows from the journal alone, by the time of the last version recorded,
// so that a restart brings none. The first model is fitted by hand. Start, Stop and RunIfDue by one
// thread; the engine outlives it.
class Refit {
 public:
  Refit(engine::Engine* engine, LogSink log) : engine_(engine), log_(std::move(log)) {}
  ~Refit() { Stop(); }
  Refit(const Refit&) = delete;
  Refit& operator=(const Refit&) = delete;

  // Looks every few seconds, on a thread of its own: neither the sequencer nor a caller's fit
  // waits.
  void Start();
  // Gives up a fit that is under way.
  void Stop();

  // Fits and records a version where one is due, and waits for it: its entry, 0 where none is due.
  // One that is a mere fallback, where the one in force is none, stays a candidate. After an error,
  // which is the fit's or the journal's, the next try is an hour later.
  absl::StatusOr<uint64_t> RunIfDue();

 private:
  void Run();
  // Why a refit is due; empty: it is not.
  absl::StatusOr<std::string> WhyDue(int64_t now_us, uint64_t* last_version);
  absl::StatusOr<uint64_t> FitAndRecord(int64_t now_us, const std::string& why,
                                        uint64_t last_version);

  engine::Engine* const engine_;
  const LogSink log_;
  int64_t not_before_us_ = 0;  // after an error, and between two looks at the drift
  std::atomic<bool> stopping_{false};
  Mutex mutex_;
  CondVar stop_;
  std::thread thread_;
};

}  // namespace tenure::daemon

#endif  // TENURE_SERVER_MAIN_REFIT_H_
