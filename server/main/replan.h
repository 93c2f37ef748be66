// The server plans budgets anew by itself, where the rule set's `replan` says so.
#ifndef TENURE_SERVER_MAIN_REPLAN_H_
#define TENURE_SERVER_MAIN_REPLAN_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "server/base/log.h"
#include "server/base/mutex.h"
#include "server/journal/records.h"
#include "server/rules/rule_set.h"

namespace tenure::decision {
struct World;
}
namespace tenure::engine {
class Engine;
struct PlanBasis;
}  // namespace tenure::engine

namespace tenure::daemon {

// Who has asked for such a plan.
inline constexpr char kReplanCaller[] = "tenured/replan";

// Why a budget is to be planned anew; empty: it is not. A budget that was never planned is not.
// `customers`: how many there are by now.
std::string WhyReplan(const rules::Replan& replan, const engine::PlanBasis& basis,
                      uint64_t customers, int64_t now_us);

// Why it is by whom it is planned for: more of them than `allowed` are in other segments, stages or
// tiers than `before`, beyond what counting so many gives by chance; empty: not for that.
std::string WhyMoved(double allowed, absl::Span<const journal::PlanShareRecord> before,
                     absl::Span<const journal::PlanShareRecord> now);

// Whether a plan is due follows from the journal alone: from the plan in force and what the ledger
// says since. The first plan is made by hand. Start, Stop and RunIfDue by one thread; the engine
// outlives it.
class Replan {
 public:
  Replan(engine::Engine* engine, LogSink log) : engine_(engine), log_(std::move(log)) {}
  ~Replan() { Stop(); }
  Replan(const Replan&) = delete;
  Replan& operator=(const Replan&) = delete;

  // Looks twice a minute, on a thread of its own: no decision waits.
  void Start();
  // Gives up a plan that is under way.
  void Stop();

  // Makes and activates the plans that are due; how many. After an error of one budget its next try
  // is an hour later, and the others' go on.
  int RunIfDue();

 private:
  void Run();
  absl::Status Plan(const std::string& budget, engine::PlanBasis basis, const std::string& why);
  std::string WhyMoved(const decision::World& world, int32_t budget, int64_t now_us);
  engine::PlanBasis BasisOf(const std::string& budget) const;

  engine::Engine* const engine_;
  const LogSink log_;
  std::map<std::string, int64_t> not_before_us_;  // by budget, after an error
  std::map<std::string, int64_t> count_at_us_;    // by budget: not before then again
  std::atomic<bool> stopping_{false};
  Mutex mutex_;
  CondVar stop_;
  std::thread thread_;
};

}  // namespace tenure::daemon

#endif  // TENURE_SERVER_MAIN_REPLAN_H_
