// The buffer that a plugin writes its message into, and the status made of it.
#ifndef TENURE_SERVER_PLUGIN_HOST_CALL_ERROR_H_
#define TENURE_SERVER_PLUGIN_HOST_CALL_ERROR_H_

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "plugins/abi/tenure_plugin.h"
#include "server/plugin_host/plugin.h"

namespace tenure::plugin_host {

// One call's. Not thread-safe.
class CallError {
 public:
  CallError() : error_{sizeof text_, 0, text_} {}
  CallError(const CallError&) = delete;
  CallError& operator=(const CallError&) = delete;

  tenure_error* buffer() { return &error_; }

  // What the call returned: OK, or its code with "plugin <id> <version>: <its words>". A code
  // beyond google.rpc's is INTERNAL.
  absl::Status Take(tenure_code code, const Plugin& plugin) const {
    if (code == TENURE_OK) return absl::OkStatus();
    const bool known = code > 0 && code <= static_cast<int>(absl::StatusCode::kUnauthenticated);
    const absl::string_view words(text_, std::min<uint64_t>(error_.length, sizeof text_));
    return absl::Status(known ? static_cast<absl::StatusCode>(code) : absl::StatusCode::kInternal,
                        absl::StrCat("plugin ", plugin.id(), " ", plugin.version(), ": ",
                                     words.empty() ? "it gave no reason" : words));
  }

 private:
  char text_[1'024];
  tenure_error error_;
};

}  // namespace tenure::plugin_host

#endif  // TENURE_SERVER_PLUGIN_HOST_CALL_ERROR_H_
