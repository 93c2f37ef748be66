// What every method passes before its own code runs, and what watches it until it has answered:
// caller, deadline, limits, draining, counts and the log.
#ifndef TENURE_SERVER_API_GATEKEEPER_H_
#define TENURE_SERVER_API_GATEKEEPER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "server/api/backend.h"
#include "server/api/worker_pool.h"
#include "server/base/mutex.h"

namespace grpc {
class ServerContextBase;
}

namespace tenure::api {

class OpenCall;

// A stream under way.
class OpenStream {
 public:
  virtual ~OpenStream() = default;
  // The server is stopping: acknowledge what was taken, take no more, end.
  virtual void Drain() = 0;
};

// How long a call may take: most answer at once; a fit or a plan works for a while.
enum class Length : uint8_t { kShort, kLong };
inline constexpr int64_t kLongDeadlineMs = 600'000;

// Thread-safe. Outlives every call.
class Gatekeeper {
 public:
  // `backend` may come later (Serve): until then every call is UNAVAILABLE, reason RECOVERING.
  Gatekeeper(AccessOptions options, int workers, int long_workers);
  ~Gatekeeper();
  Gatekeeper(const Gatekeeper&) = delete;
  Gatekeeper& operator=(const Gatekeeper&) = delete;

  void Serve(const Backend* backend) { backend_.store(backend); }
  // From now on new calls are UNAVAILABLE, reason DRAINING; those under way go on, and streams end
  // once they have acknowledged what they took.
  void Drain();
  // Answers every call under way with UNAVAILABLE, reason DRAINING. What they have enqueued is
  // still done; a retry elsewhere, or after the restart, gets the recorded answer.
  void Abandon();

  // Null until Serve.
  const Backend* backend() const { return backend_.load(); }
  WorkerPool& workers() { return workers_; }
  // For calls of Length::kLong, so that they hold up nobody but each other.
  WorkerPool& long_workers() { return long_workers_; }
  const Limits& limits() const { return options_.limits; }

  // Who calls: the metadata `tenure-caller`, "anonymous" without. INVALID_ARGUMENT when malformed,
  // PERMISSION_DENIED when the configuration lists callers and this is none of them. The name is
  // taken on trust: roles and proof of identity are not part of this version.
  absl::Status Identify(const grpc::ServerContextBase& context, std::string* caller) const;
  // OK when the server takes calls now.
  absl::Status Open() const;
  // OK, or RESOURCE_EXHAUSTED with too many calls under way. An entered call leaves exactly once.
  absl::Status Enter(OpenCall* call);
  // Counts and logs the answer. `entered`: whether Enter said OK.
  void Leave(OpenCall* call, bool entered, const absl::Status& answer);

  // The same for streams, which count among the calls under way.
  absl::Status EnterStream(const std::shared_ptr<OpenStream>& stream);
  void LeaveStream(OpenStream* stream, bool entered, const absl::Status& answer);

  // Calls and streams under way.
  size_t open() const;
  // "Decide OK 120, NOT_FOUND 3; GetPlan OK 1", of all calls so far.
  std::string Counts() const;

 private:
  // RESOURCE_EXHAUSTED with too many calls and streams under way.
  absl::Status CheckRoom() const TENURE_REQUIRES(mutex_);
  // Calls under way whose deadline is not after that (MonotonicUs).
  std::vector<std::shared_ptr<OpenCall>> OpenUntil(int64_t deadline_us) TENURE_REQUIRES(mutex_);
  // Every 100 ms, answers DEADLINE_EXCEEDED for calls whose own code has not answered in time.
  void Watch();

  const AccessOptions options_;
  std::atomic<const Backend*> backend_{nullptr};
  std::atomic<bool> draining_{false};
  mutable Mutex mutex_;
  CondVar closing_changed_;
  bool closing_ TENURE_GUARDED_BY(mutex_) = false;
  OpenCall* first_ TENURE_GUARDED_BY(mutex_) = nullptr;
  size_t open_ TENURE_GUARDED_BY(mutex_) = 0;  // without the streams
  std::map<OpenStream*, std::weak_ptr<OpenStream>> streams_ TENURE_GUARDED_BY(mutex_);
  std::map<std::pair<std::string, int>, uint64_t> counts_ TENURE_GUARDED_BY(mutex_);
  WorkerPool workers_;
  WorkerPool long_workers_;
  std::thread watch_;
};

}  // namespace tenure::api

#endif  // TENURE_SERVER_API_GATEKEEPER_H_
