// Threads for what may take long or touch the disk: compiling rules, reading the journal; and of
// another pool for fits and plans. Nothing of the kind runs on gRPC's own threads.
#ifndef TENURE_SERVER_API_WORKER_POOL_H_
#define TENURE_SERVER_API_WORKER_POOL_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "server/base/mutex.h"

namespace tenure::api {

// Thread-safe.
class WorkerPool {
 public:
  // Holds at most `queue` tasks that wait.
  WorkerPool(int threads, size_t queue);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // RESOURCE_EXHAUSTED when the queue is full, UNAVAILABLE after Stop: the task is not taken then.
  absl::Status Run(std::function<void()> task);

  // Runs what is queued, then joins. Once, or again without effect; not from a task.
  void Stop();

 private:
  void Work();

  const size_t queue_;
  Mutex mutex_;
  CondVar ready_;
  std::deque<std::function<void()>> tasks_ TENURE_GUARDED_BY(mutex_);
  bool closing_ TENURE_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace tenure::api

#endif  // TENURE_SERVER_API_WORKER_POOL_H_
