#include "server/journal/sqlite/checkpointer.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

namespace tenure::journal {
namespace {

constexpr int64_t kCheckpointBytes = 8 << 20;
// A log above this is started afresh, which makes the writer wait for the few pages that a passive
// checkpoint, taken just before, has left.
constexpr int64_t kRestartPages = (64 << 20) / 4'096;
constexpr int64_t kIdleUs = 1'000'000;

}  // namespace

Checkpointer::Checkpointer(const std::string& path)
    : database_(std::make_unique<SQLite::Database>(
          path, SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX, /*aBusyTimeoutMs=*/1'000)),
      thread_([this] { Run(); }) {}

Checkpointer::~Checkpointer() {
  {
    MutexLock lock(&mutex_);
    stop_ = true;
  }
  wake_.NotifyOne();
  thread_.join();
}

void Checkpointer::Written(int64_t bytes) {
  MutexLock lock(&mutex_);
  since_checkpoint_ += bytes;
  if (since_checkpoint_ >= kCheckpointBytes) wake_.NotifyOne();
}

void Checkpointer::Run() {
  mutex_.Lock();
  while (!stop_) {
    if (since_checkpoint_ < kCheckpointBytes) wake_.WaitFor(&mutex_, kIdleUs);
    if (stop_ || since_checkpoint_ == 0) continue;
    since_checkpoint_ = 0;
    mutex_.Unlock();
    Checkpoint(/*restart=*/false);
    mutex_.Lock();
  }
  mutex_.Unlock();
}

// An error needs no answer: the log stays as it is, nothing is lost, and the next round tries
// again; the writer meets a failing disk by itself.
void Checkpointer::Checkpoint(bool restart) {
  int log_pages = 0;
  int moved_pages = 0;
  const int code = sqlite3_wal_checkpoint_v2(
      database_->getHandle(), nullptr,
      restart ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE, &log_pages, &moved_pages);
  if (!restart && code == SQLITE_OK && log_pages > kRestartPages) Checkpoint(true);
}

}  // namespace tenure::journal
