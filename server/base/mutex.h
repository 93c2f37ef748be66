// Annotated locks over the standard ones. absl::Mutex is not used: Debian's Abseil is not
// instrumented, so that it shows false races under ThreadSanitizer. clang checks the annotations.
#ifndef TENURE_SERVER_BASE_MUTEX_H_
#define TENURE_SERVER_BASE_MUTEX_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <shared_mutex>

#if defined(__clang__)
#define TENURE_TSA(x) __attribute__((x))
#else
#define TENURE_TSA(x)
#endif

#define TENURE_GUARDED_BY(x) TENURE_TSA(guarded_by(x))
#define TENURE_REQUIRES(...) TENURE_TSA(requires_capability(__VA_ARGS__))
#define TENURE_REQUIRES_SHARED(...) TENURE_TSA(requires_shared_capability(__VA_ARGS__))
#define TENURE_EXCLUDES(...) TENURE_TSA(locks_excluded(__VA_ARGS__))

namespace tenure {

class TENURE_TSA(capability("mutex")) Mutex {
 public:
  void Lock() TENURE_TSA(acquire_capability()) { mutex_.lock(); }
  void Unlock() TENURE_TSA(release_capability()) { mutex_.unlock(); }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

class TENURE_TSA(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex* mutex) TENURE_TSA(acquire_capability(mutex)) : mutex_(mutex) {
    mutex_->Lock();
  }
  ~MutexLock() TENURE_TSA(release_capability()) { mutex_->Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex* const mutex_;
};

class TENURE_TSA(capability("shared_mutex")) SharedMutex {
 public:
  void Lock() TENURE_TSA(acquire_capability()) { mutex_.lock(); }
  void Unlock() TENURE_TSA(release_capability()) { mutex_.unlock(); }
  void LockShared() TENURE_TSA(acquire_shared_capability()) { mutex_.lock_shared(); }
  void UnlockShared() TENURE_TSA(release_shared_capability()) { mutex_.unlock_shared(); }

 private:
  std::shared_mutex mutex_;
};

class TENURE_TSA(scoped_lockable) WriterLock {
 public:
  explicit WriterLock(SharedMutex* mutex) TENURE_TSA(acquire_capability(mutex)) : mutex_(mutex) {
    mutex_->Lock();
  }
  ~WriterLock() TENURE_TSA(release_capability()) { mutex_->Unlock(); }
  WriterLock(const WriterLock&) = delete;
  WriterLock& operator=(const WriterLock&) = delete;

 private:
  SharedMutex* const mutex_;
};

class TENURE_TSA(scoped_lockable) ReaderLock {
 public:
  explicit ReaderLock(SharedMutex* mutex) TENURE_TSA(acquire_shared_capability(mutex))
      : mutex_(mutex) {
    mutex_->LockShared();
  }
  ~ReaderLock() TENURE_TSA(release_capability()) { mutex_->UnlockShared(); }
  ReaderLock(const ReaderLock&) = delete;
  ReaderLock& operator=(const ReaderLock&) = delete;

 private:
  SharedMutex* const mutex_;
};

// Waits may wake spuriously: always wait in a loop over the condition.
class CondVar {
 public:
  void Wait(Mutex* mutex) TENURE_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex->mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }
  // False when `timeout_us` passed first.
  bool WaitFor(Mutex* mutex, int64_t timeout_us) TENURE_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex->mutex_, std::adopt_lock);
    // system_clock: GCC 12's ThreadSanitizer does not know pthread_cond_clockwait.
    const auto until = std::chrono::system_clock::now() + std::chrono::microseconds(timeout_us);
    const bool signalled = condition_.wait_until(lock, until) == std::cv_status::no_timeout;
    lock.release();
    return signalled;
  }
  void NotifyOne() { condition_.notify_one(); }
  void NotifyAll() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace tenure

#endif  // TENURE_SERVER_BASE_MUTEX_H_
