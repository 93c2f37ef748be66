// The thread that reads the whole journal for somebody: long, rare, and never in a decision's way.
#ifndef TENURE_SERVER_ENGINE_AUDIT_THREAD_H_
#define TENURE_SERVER_ENGINE_AUDIT_THREAD_H_

#include <atomic>
#include <deque>
#include <functional>
#include <thread>

#include "server/base/mutex.h"

namespace tenure::engine {

// One task at a time. Thread-safe.
class AuditThread {
 public:
  // A task looks at `stop` now and then, and ends soon once it is true.
  using Task = std::function<void(const std::atomic<bool>& stop)>;

  AuditThread();
  ~AuditThread();
  AuditThread(const AuditThread&) = delete;
  AuditThread& operator=(const AuditThread&) = delete;

  // False, and the task not taken, when too many wait already or after Stop.
  bool TryRun(Task task);
  // Ends what runs and what waits, each by its `stop`.
  void Stop();

 private:
  void Work();

  std::atomic<bool> stop_{false};
  Mutex mutex_;
  CondVar wake_;
  std::deque<Task> tasks_ TENURE_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace tenure::engine

#endif  // TENURE_SERVER_ENGINE_AUDIT_THREAD_H_
