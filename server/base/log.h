// Where a library's lines for operators go: to whoever opened it.
#ifndef TENURE_SERVER_BASE_LOG_H_
#define TENURE_SERVER_BASE_LOG_H_

#include <cstdint>
#include <functional>

#include "absl/strings/string_view.h"

namespace tenure {

// kWarning: it goes on, but someone should look. kError: something asked for was not done.
enum class Severity : uint8_t { kInfo, kWarning, kError };

// Takes one line, without a newline. Empty: nobody listens. Called on any thread.
using LogSink = std::function<void(Severity, absl::string_view)>;

inline void Log(const LogSink& sink, Severity severity, absl::string_view line) {
  if (sink) sink(severity, line);
}

}  // namespace tenure

#endif  // TENURE_SERVER_BASE_LOG_H_
