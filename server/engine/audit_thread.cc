#include "server/engine/audit_thread.h"

#include <cstddef>
#include <utility>

namespace tenure::engine {
namespace {

constexpr size_t kMostWaiting = 16;

}  // namespace

AuditThread::AuditThread() : thread_([this] { Work(); }) {}

AuditThread::~AuditThread() { Stop(); }

bool AuditThread::TryRun(Task task) {
  MutexLock lock(&mutex_);
  if (stop_.load() || tasks_.size() >= kMostWaiting) return false;
  tasks_.push_back(std::move(task));
  wake_.NotifyOne();
  return true;
}

void AuditThread::Stop() {
  {
    MutexLock lock(&mutex_);
    stop_.store(true);
    wake_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

void AuditThread::Work() {
  mutex_.Lock();
  for (;;) {
    while (tasks_.empty() && !stop_.load()) wake_.Wait(&mutex_);
    if (tasks_.empty()) break;
    const Task task = std::move(tasks_.front());
    tasks_.pop_front();
    mutex_.Unlock();
    task(stop_);
    mutex_.Lock();
  }
  mutex_.Unlock();
}

}  // namespace tenure::engine
