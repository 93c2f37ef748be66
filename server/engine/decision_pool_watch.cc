// The watchdog of the decision threads.
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/base/time.h"
#include "server/engine/decision_pool.h"

namespace tenure::engine {
namespace {

constexpr int64_t kPollUs = 100'000;
// Past its limit at so many looks in a row a call is stuck, not late. Looks are counted, not time:
// a process that was stopped, or that got no processor, finds all its calls late when it goes on.
constexpr int kStuckLooks = 10;
// Each holds what its evaluation had allocated and can't be ended, so there is a bound.
constexpr size_t kMostReplaced = 8;

}  // namespace

void DecisionPool::Watch() {
  mutex_.Lock();
  while (!watch_over_) {
    watch_wake_.WaitFor(&mutex_, kPollUs);
    mutex_.Unlock();
    FindStuck();
    mutex_.Lock();
  }
  mutex_.Unlock();
}

void DecisionPool::FindStuck() {
  std::map<LateCall, int> late;
  for (const auto& plugin : options_.plugins->all()) {
    for (const auto& call : plugin->calls().Overdue(MonotonicUs())) {
      const LateCall key = {call.thread, call.deadline_us};
      const auto before = late_.find(key);
      const int looks = before == late_.end() ? 1 : before->second + 1;
      late[key] = looks;
      if (looks < kStuckLooks) continue;
      if (plugin->calls().Quarantine(FormatInstant(options_.clock->NowUs()))) {
        Log(options_.log, Severity::kError,
            absl::StrCat("The plugin ", plugin->id(), " ", plugin->version(), " (", plugin->path(),
                         ") is stuck: a call is past its limit by more than a second and did not "
                         "return. It is called no more, and its campaigns end as errors, until the "
                         "server is started again"));
      }
      if (!call.limited) continue;  // a plan is made; no decision waits for it
      if (auto commands = batches_.Take(call.thread); commands.has_value()) {
        Replace(*std::move(commands));
      }
    }
  }
  late_.swap(late);
}

void DecisionPool::Replace(std::vector<DecideCommand> commands) {
  MutexLock lock(&mutex_);
  ++taken_;
  if (replaced_ < kMostReplaced) {
    ++replaced_;
    threads_.emplace_back([this] { Work(); });
    Log(options_.log, Severity::kWarning,
        absl::StrCat("A decision thread was replaced, ", replaced_, " of at most ", kMostReplaced,
                     "; what it was evaluating is evaluated again"));
  } else {
    Log(options_.log, Severity::kError,
        absl::StrCat("A decision thread is lost: ", kMostReplaced,
                     " were replaced already; start the server again"));
  }
  for (size_t i = commands.size(); i-- > 0;) waiting_.push_front(std::move(commands[i]));
  wake_.NotifyAll();
}

void DecisionPool::AddTo(Health* health) const {
  MutexLock lock(&mutex_);
  health->stuck_threads = static_cast<int>(taken_ - came_back_);
  health->decides = taken_ == replaced_;
}

}  // namespace tenure::engine
