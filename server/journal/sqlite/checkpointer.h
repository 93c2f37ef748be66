// Moves committed pages from the write-ahead log into the database, beside the writer.
#ifndef TENURE_SERVER_JOURNAL_SQLITE_CHECKPOINTER_H_
#define TENURE_SERVER_JOURNAL_SQLITE_CHECKPOINTER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "server/base/mutex.h"

namespace SQLite {
class Database;
}  // namespace SQLite

namespace tenure::journal {

// A thread with a connection of its own. Thread-safe.
class Checkpointer {
 public:
  explicit Checkpointer(const std::string& path);  // may throw SQLite::Exception
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  // Bytes that the writer has just committed, about.
  void Written(int64_t bytes);

 private:
  void Run();
  void Checkpoint(bool restart);

  std::unique_ptr<SQLite::Database> database_;
  Mutex mutex_;
  CondVar wake_;
  int64_t since_checkpoint_ TENURE_GUARDED_BY(mutex_) = 0;
  bool stop_ TENURE_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace tenure::journal

#endif  // TENURE_SERVER_JOURNAL_SQLITE_CHECKPOINTER_H_
