// The buffer that a plugin writes its message into, and the status made of it.
#ifndef TENURE_SERVER_PLUGIN_HOST_CALL_ERROR_H_
#define TENURE_SERVER_PLUGIN_HOST_CALL_ERROR_H_

#include <cstddef>
#include <cstring>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "plugins/abi/tenure_plugin.h"
#include "server/base/utf8.h"
#include "server/plugin_host/plugin.h"

namespace tenure::plugin_host {

// One plugin's, for one call after the other. Not thread-safe.
class CallError {
 public:
  CallError() = default;
  CallError(const CallError&) = delete;
  CallError& operator=(const CallError&) = delete;

  // For the next call, whatever the last one left in it.
  tenure_error* buffer() {
    error_ = {sizeof text_, 0, text_};
    return &error_;
  }

  // What the call returned: OK, or its code with "plugin <id> <version>: <its words>". A code
  // beyond google.rpc's is INTERNAL. Its words are text whatever the plugin did: of a length beyond
  // the buffer nothing is believed, and bytes that are no UTF-8 are replaced.
  absl::Status Take(tenure_code code, const Plugin& plugin) {
    if (code == TENURE_OK) return absl::OkStatus();
    const bool known = code > 0 && code <= static_cast<int>(absl::StatusCode::kUnauthenticated);
    const absl::Status status(
        known ? static_cast<absl::StatusCode>(code) : absl::StatusCode::kInternal,
        absl::StrCat("plugin ", plugin.id(), " ", plugin.version(), ": ", Words()));
    std::memset(text_, 0, sizeof text_);
    return status;
  }

 private:
  std::string Words() const {
    if (error_.length > sizeof text_) {
      return absl::StrCat("it gave ", error_.length,
                          " as the length of its reason, in a buffer of ", sizeof text_,
                          " bytes; the reason is ignored");
    }
    const absl::string_view written(text_, static_cast<size_t>(error_.length));
    // A length without text leaves what was handed over: zeros.
    const absl::string_view words = written.substr(0, written.find('\0'));
    return words.empty() ? "it gave no reason" : ReplaceInvalidUtf8(words);
  }

  char text_[1'024] = {};  // cleared after a failure only: that takes longer than a small call
  tenure_error error_{};
};

}  // namespace tenure::plugin_host

#endif  // TENURE_SERVER_PLUGIN_HOST_CALL_ERROR_H_
