// One process at a time in a data folder.
#ifndef TENURE_SERVER_JOURNAL_SQLITE_FOLDER_LOCK_H_
#define TENURE_SERVER_JOURNAL_SQLITE_FOLDER_LOCK_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace tenure::journal {

// Held from Take to destruction, by flock(2) on "<dir>/lock": the kernel frees it when the process
// dies, however it dies. Not thread-safe.
class FolderLock {
 public:
  // FAILED_PRECONDITION naming the process that has the folder; UNAVAILABLE when the file can't be
  // made.
  static absl::StatusOr<std::unique_ptr<FolderLock>> Take(const std::string& dir);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  explicit FolderLock(int fd) : fd_(fd) {}
  const int fd_;
};

}  // namespace tenure::journal

#endif  // TENURE_SERVER_JOURNAL_SQLITE_FOLDER_LOCK_H_
