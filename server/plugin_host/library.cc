#include "server/plugin_host/library.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>

#include "absl/strings/str_cat.h"
#include "server/base/mutex.h"
#include "server/base/status.h"

namespace tenure::plugin_host {
namespace {

struct Loaded {
  Mutex mutex;
  std::map<std::string, void*> handles TENURE_GUARDED_BY(mutex);  // by sha256
};

Loaded& Libraries() {
  static Loaded* const loaded = new Loaded;  // never destroyed: the code outlives static objects
  return *loaded;
}

absl::Status SystemError(absl::string_view call) {
  return absl::FailedPreconditionError(absl::StrCat(call, ": ", std::strerror(errno)));
}

// A memory file with these bytes that nobody can change any more. The caller closes it on error.
absl::StatusOr<int> SealedFile(const std::string& bytes) {
  const int fd = memfd_create("tenure-plugin", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return SystemError("memfd_create");
  size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t n = write(fd, bytes.data() + written, bytes.size() - written);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      const absl::Status status = SystemError("writing the memory file");
      close(fd);
      return status;
    }
    written += static_cast<size_t>(n);
  }
  if (fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    const absl::Status status = SystemError("sealing the memory file");
    close(fd);
    return status;
  }
  return fd;
}

}  // namespace

absl::StatusOr<void*> LoadLibraryBytes(const std::string& bytes, const std::string& sha256,
                                       const char* symbol) {
  Loaded& loaded = Libraries();
  MutexLock lock(&loaded.mutex);
  void*& handle = loaded.handles[sha256];
  if (handle == nullptr) {
    TENURE_ASSIGN_OR_RETURN(const int fd, SealedFile(bytes));
    const std::string path = absl::StrCat("/proc/self/fd/", fd);
    handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (handle == nullptr) {
      const char* words = dlerror();
      close(fd);  // nothing was mapped from it
      return absl::FailedPreconditionError(
          absl::StrCat("the dynamic linker refuses it: ", words == nullptr ? "no reason" : words));
    }
  }
  void* const address = dlsym(handle, symbol);
  if (address == nullptr) {
    return absl::FailedPreconditionError(absl::StrCat("it has no symbol ", symbol));
  }
  return address;
}

}  // namespace tenure::plugin_host
