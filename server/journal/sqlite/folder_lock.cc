#include "server/journal/sqlite/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace tenure::journal {

absl::StatusOr<std::unique_ptr<FolderLock>> FolderLock::Take(const std::string& dir) {
  const std::string path = absl::StrCat(dir, "/lock");
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) {
    return absl::UnavailableError(absl::StrCat(path, ": ", std::strerror(errno)));
  }
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    char owner[32] = {};
    const ssize_t read_bytes = pread(fd, owner, sizeof(owner) - 1, 0);
    close(fd);
    return absl::FailedPreconditionError(
        absl::StrCat(dir, ": another process", read_bytes > 0 ? " (" : "",
                     absl::StripAsciiWhitespace(owner), read_bytes > 0 ? ")" : "",
                     " has this data folder open; stop it, or give this one a folder of its own"));
  }
  // Only for the message above: the lock itself is the kernel's.
  const std::string owner = absl::StrCat("process ", getpid(), "\n");
  if (ftruncate(fd, 0) != 0 ||
      pwrite(fd, owner.data(), owner.size(), 0) != static_cast<ssize_t>(owner.size())) {
    const int error = errno;
    close(fd);
    return absl::UnavailableError(absl::StrCat(path, ": ", std::strerror(error)));
  }
  return std::unique_ptr<FolderLock>(new FolderLock(fd));
}

FolderLock::~FolderLock() { close(fd_); }

}  // namespace tenure::journal
