#include "server/api/rule_sets.h"

#include <utility>

#include "server/api/errors.h"
#include "server/base/status.h"
#include "server/decision/world.h"
#include "server/engine/engine.h"

namespace tenure::api {
namespace {

constexpr size_t kKept = 8;

}  // namespace

std::shared_ptr<const rules::RuleSet> RuleSets::Peek(const engine::Engine& engine,
                                                     absl::string_view hash) {
  if (const auto world = engine.world(); world && world->rules && world->rules->hash == hash) {
    return world->rules;
  }
  MutexLock lock(&mutex_);
  for (const auto& kept : kept_) {
    if (kept->hash == hash) return kept;
  }
  return nullptr;
}

absl::StatusOr<std::shared_ptr<const rules::RuleSet>> RuleSets::Find(const engine::Engine& engine,
                                                                     absl::string_view hash) {
  if (auto known = Peek(engine, hash)) return known;
  auto read = engine.GetRules(hash);
  if (!read.ok()) return FromEngine(read.status(), {.not_found = "RULE_SET_NOT_FOUND"});
  Keep(*read);
  return *std::move(read);
}

void RuleSets::Keep(std::shared_ptr<const rules::RuleSet> rule_set) {
  MutexLock lock(&mutex_);
  if (kept_.size() >= kKept) kept_.erase(kept_.begin());
  kept_.push_back(std::move(rule_set));
}

}  // namespace tenure::api
