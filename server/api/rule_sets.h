// Rule sets by their hash: a decision's record names campaigns by their place in its own rule set,
// which may no longer be the one in force.
#ifndef TENURE_SERVER_API_RULE_SETS_H_
#define TENURE_SERVER_API_RULE_SETS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/base/mutex.h"
#include "server/rules/rule_set.h"

namespace tenure::engine {
class Engine;
}

namespace tenure::api {

// Keeps the last few. Thread-safe.
class RuleSets {
 public:
  // The one in force or one seen lately; null when it has to be read. Never waits for long.
  std::shared_ptr<const rules::RuleSet> Peek(const engine::Engine& engine, absl::string_view hash);
  // Also reads and compiles it from the journal: for workers. NOT_FOUND.
  absl::StatusOr<std::shared_ptr<const rules::RuleSet>> Find(const engine::Engine& engine,
                                                             absl::string_view hash);

 private:
  void Keep(std::shared_ptr<const rules::RuleSet> rule_set);

  Mutex mutex_;
  std::vector<std::shared_ptr<const rules::RuleSet>> kept_ TENURE_GUARDED_BY(mutex_);
};

}  // namespace tenure::api

#endif  // TENURE_SERVER_API_RULE_SETS_H_
