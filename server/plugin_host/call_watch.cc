#include "server/plugin_host/call_watch.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace tenure::plugin_host {
namespace {

constexpr int64_t kUnlimitedUs = 60'000'000;

}  // namespace

absl::Status CallWatch::Begin(int64_t now_us, int64_t limit_us) {
  MutexLock lock(&mutex_);
  if (!stuck_since_.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("stuck since ", stuck_since_, "; restart the server to try again"));
  }
  const bool limited = limit_us != 0;
  calls_.push_back(
      {std::this_thread::get_id(), now_us + (limited ? limit_us : kUnlimitedUs), limited});
  return absl::OkStatus();
}

void CallWatch::End() {
  MutexLock lock(&mutex_);
  const auto own = std::find_if(calls_.begin(), calls_.end(), [](const Call& call) {
    return call.thread == std::this_thread::get_id();
  });
  calls_.erase(own);
}

std::vector<CallWatch::Call> CallWatch::Overdue(int64_t now_us) const {
  std::vector<Call> overdue;
  MutexLock lock(&mutex_);
  for (const Call& call : calls_) {
    if (now_us > call.deadline_us) overdue.push_back(call);
  }
  return overdue;
}

bool CallWatch::Quarantine(const std::string& since) {
  MutexLock lock(&mutex_);
  if (!stuck_since_.empty()) return false;
  stuck_since_ = since;
  return true;
}

}  // namespace tenure::plugin_host
