// Reads a shared object's bytes before anything of it runs.
#ifndef TENURE_SERVER_PLUGIN_HOST_ELF_CHECK_H_
#define TENURE_SERVER_PLUGIN_HOST_ELF_CHECK_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace tenure::plugin_host {

// OK when the bytes are a shared object for this machine that exports `entry_symbol` and nothing
// else, has no STB_GNU_UNIQUE symbol, no executable stack and no text relocation, and needs only
// the C and C++ runtimes. Otherwise FAILED_PRECONDITION: what was found, what is accepted, the
// remedy. Every offset is checked against the size. Thread-safe. System V ABI, chapters 4 and 5.
absl::Status CheckSharedObject(absl::string_view bytes, absl::string_view entry_symbol);

}  // namespace tenure::plugin_host

#endif  // TENURE_SERVER_PLUGIN_HOST_ELF_CHECK_H_
