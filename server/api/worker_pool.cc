#include "server/api/worker_pool.h"

#include <utility>

#include "server/api/errors.h"

namespace tenure::api {

WorkerPool::WorkerPool(int threads, size_t queue) : queue_(queue) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

WorkerPool::~WorkerPool() { Stop(); }

void WorkerPool::Stop() {
  {
    MutexLock lock(&mutex_);
    closing_ = true;
  }
  ready_.NotifyAll();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

absl::Status WorkerPool::Run(std::function<void()> task) {
  {
    MutexLock lock(&mutex_);
    if (closing_) return WithReason(absl::UnavailableError("the server is stopping"), "DRAINING");
    if (tasks_.size() >= queue_) {
      return WithRetryAfter(OverLimit("server.workers", "too much work is waiting; retry later"),
                            500);
    }
    tasks_.push_back(std::move(task));
  }
  ready_.NotifyOne();
  return absl::OkStatus();
}

void WorkerPool::Work() {
  while (true) {
    std::function<void()> task;
    {
      MutexLock lock(&mutex_);
      while (tasks_.empty() && !closing_) ready_.Wait(&mutex_);
      if (tasks_.empty()) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }
}

}  // namespace tenure::api
