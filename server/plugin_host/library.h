// Shared objects loaded from the very bytes that were checked.
#ifndef TENURE_SERVER_PLUGIN_HOST_LIBRARY_H_
#define TENURE_SERVER_PLUGIN_HOST_LIBRARY_H_

#include <string>

#include "absl/status/statusor.h"

namespace tenure::plugin_host {

// Copies the bytes into a sealed memory file, opens that (RTLD_NOW, RTLD_LOCAL, RTLD_NODELETE) and
// returns the address of `symbol`. The file stays open and the code mapped for as long as the
// process lives, since the dynamic linker knows libraries by path and would hand out the earlier
// one for a descriptor that was closed and used again. The same `sha256` is loaded once.
// FAILED_PRECONDITION with the linker's words. Thread-safe.
absl::StatusOr<void*> LoadLibraryBytes(const std::string& bytes, const std::string& sha256,
                                       const char* symbol);

}  // namespace tenure::plugin_host

#endif  // TENURE_SERVER_PLUGIN_HOST_LIBRARY_H_
