// What a decision reads and never changes: one immutable whole, swapped as a whole, so that a
// request never mixes versions.
#ifndef TENURE_SERVER_DECISION_WORLD_H_
#define TENURE_SERVER_DECISION_WORLD_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/customers/population.h"
#include "server/journal/records.h"
#include "server/plugin_host/policy.h"
#include "server/plugin_host/registry.h"
#include "server/rules/rule_set.h"

namespace tenure::decision {

// The prices in force for one budget: what a unit of charge is worth elsewhere.
struct BudgetPrices {
  std::string budget;
  // By budget segment (the last is "unplanned"), then campaign of the rule set: the sum of prices
  // on the path, and whether the path exists. Row-major segments × campaigns.
  std::vector<double> price;
};

struct World {
  std::shared_ptr<const rules::RuleSet> rules;
  customers::Valuation valuation;
  // By campaign; null where the plugin is missing or refused its parameters: `policy_errors` says
  // so.
  std::vector<std::shared_ptr<const plugin_host::Policy>> policies;
  std::vector<std::string> policy_errors;
  std::vector<BudgetPrices> budgets;                // by budget of the rule set
  std::shared_ptr<const journal::PlanRecord> plan;  // null: none active; prices are then 0
  std::vector<double> slot_prices;                  // by stage of track 0
  std::string model_hash;
  uint64_t salt = 0;  // of the rows' seeds

  // The frozen segment of a customer in budget `budget`; the last (unplanned) without a plan.
  int32_t SegmentOf(int32_t budget, uint32_t customer) const;
};

// A world for a rule set: policies created, prices taken from `plan` where it was made for one of
// the rule set's budgets. Never fails for a missing plugin: its campaigns end as ERROR.
std::shared_ptr<const World> MakeWorld(customers::Valuation valuation, std::string model_hash,
                                       std::shared_ptr<const journal::PlanRecord> plan,
                                       const plugin_host::Registry& plugins, uint64_t salt);

// "lifecycle/loyal/upsell": the leaf that an offer of `campaign` is charged to.
std::string LeafPath(const rules::RuleSet& rules, int32_t campaign, int32_t budget_segment);

// The tree of limits of a budget: the whole, its segments with `segment_limits`, a leaf per
// campaign under each (as large as its segment).
std::vector<journal::BudgetPeriodRecord::Node> BudgetTree(
    const rules::RuleSet& rules, int32_t budget, const std::vector<int64_t>& segment_limits);

}  // namespace tenure::decision

#endif  // TENURE_SERVER_DECISION_WORLD_H_
