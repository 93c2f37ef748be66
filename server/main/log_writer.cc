#include "server/main/log_writer.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/base/clock.h"
#include "server/base/mutex.h"

namespace tenure::daemon {
namespace {

constexpr int kPollMs = 100;
// What a pipe that says it can be written takes without waiting (PIPE_BUF of Linux).
constexpr size_t kAtOnce = 4'096;

}  // namespace

struct LogWriter::State {
  State(int file, size_t most) : fd(file), depth(most) {}

  void Run();
  void WriteOut(absl::string_view text);

  const int fd;
  const size_t depth;
  Mutex mutex;
  CondVar changed;
  std::deque<std::string> lines TENURE_GUARDED_BY(mutex);
  uint64_t dropped TENURE_GUARDED_BY(mutex) = 0;  // since the last line in `lines`
  bool writing TENURE_GUARDED_BY(mutex) = false;
  bool closing TENURE_GUARDED_BY(mutex) = false;
};

void LogWriter::State::Run() {
  mutex.Lock();
  for (;;) {
    while (lines.empty() && dropped == 0 && !closing) changed.Wait(&mutex);
    if (lines.empty() && dropped == 0) break;
    std::deque<std::string> taken;
    taken.swap(lines);
    if (dropped > 0) {
      taken.push_back(absl::StrCat(dropped, " log lines are missing here: nobody read them\n"));
      dropped = 0;
    }
    writing = true;
    mutex.Unlock();
    for (const std::string& line : taken) WriteOut(line);
    mutex.Lock();
    writing = false;
    changed.NotifyAll();
  }
  mutex.Unlock();
}

void LogWriter::State::WriteOut(absl::string_view text) {
  while (!text.empty()) {
    pollfd waits = {fd, POLLOUT, 0};
    const int ready = poll(&waits, 1, kPollMs);
    if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
    const ssize_t wrote = write(fd, text.data(), std::min(text.size(), kAtOnce));
    if (wrote < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (wrote <= 0) return;
    text.remove_prefix(static_cast<size_t>(wrote));
  }
}

LogWriter::LogWriter(int fd, size_t lines) : state_(std::make_shared<State>(fd, lines)) {
  std::thread([state = state_] { state->Run(); }).detach();
}

LogWriter::~LogWriter() {
  Flush(1'000);
  MutexLock lock(&state_->mutex);
  state_->closing = true;
  state_->changed.NotifyAll();
}

void LogWriter::Write(std::string line) {
  MutexLock lock(&state_->mutex);
  // After a gap the line that names it comes first.
  if (state_->dropped > 0 || state_->lines.size() >= state_->depth) {
    ++state_->dropped;
    return;
  }
  state_->lines.push_back(std::move(line));
  state_->changed.NotifyAll();
}

bool LogWriter::Flush(int64_t wait_ms) {
  const int64_t until_us = MonotonicUs() + wait_ms * 1'000;
  MutexLock lock(&state_->mutex);
  while (!state_->lines.empty() || state_->dropped > 0 || state_->writing) {
    const int64_t left_us = until_us - MonotonicUs();
    if (left_us <= 0) return false;
    state_->changed.WaitFor(&state_->mutex, left_us);
  }
  return true;
}

}  // namespace tenure::daemon
