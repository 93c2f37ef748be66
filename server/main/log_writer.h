// Log lines on their way to a file descriptor: whoever logs never waits for whoever reads.
#ifndef TENURE_SERVER_MAIN_LOG_WRITER_H_
#define TENURE_SERVER_MAIN_LOG_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace tenure::daemon {

// Thread-safe.
class LogWriter {
 public:
  // Holds at most `lines`; more are dropped, and how many is said where they are missing. Nobody
  // reading any more (EPIPE) drops everything. `fd` stays the caller's and open.
  explicit LogWriter(int fd, size_t lines = 8'192);
  // Flushes for up to a second.
  ~LogWriter();
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  // Takes a whole line, its end included. Never waits.
  void Write(std::string line);
  // Waits until what was taken is written, at most `wait_ms`; false when it is not.
  bool Flush(int64_t wait_ms);

 private:
  struct State;
  const std::shared_ptr<State> state_;  // outlives this where the last write is stuck
};

}  // namespace tenure::daemon

#endif  // TENURE_SERVER_MAIN_LOG_WRITER_H_
