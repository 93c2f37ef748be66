// What a decision reads and never changes: one immutable whole, swapped as a whole, so that a
// request never mixes versions.
#ifndef TENURE_SERVER_DECISION_WORLD_H_
#define TENURE_SERVER_DECISION_WORLD_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/customers/population.h"
#include "server/decision/campaign_index.h"
#include "server/journal/records.h"
#include "server/plugin_host/policy.h"
#include "server/plugin_host/registry.h"
#include "server/rules/rule_set.h"

namespace tenure::decision {

// One budget of the rule set, with what its plan says.
struct BudgetView {
  std::shared_ptr<const journal::PlanRecord> plan;  // null: none active, prices are 0
  // Price of a unit of charge on the path budget / segment / campaign: row-major, segments of the
  // budget × campaigns of the rule set.
  std::vector<double> price;
  // By segment of the budget: by how much pacing corrects its prices at present; empty: by nothing.
  std::vector<double> factor;
  // The plan's segment numbers to the rule set's, by id; a segment that is gone is unplanned.
  std::vector<int32_t> segment_of_plan;
};

struct World {
  std::shared_ptr<const rules::RuleSet> rules;
  std::shared_ptr<const CampaignIndex> index;  // of `rules`
  customers::Valuation valuation;
  // By campaign; null where the plugin is missing or refused its parameters: `policy_errors` says
  // so.
  std::vector<std::shared_ptr<const plugin_host::Policy>> policies;
  std::vector<std::string> policy_errors;
  std::vector<int32_t> budget_of;   // by campaign: index into the rule set's budgets; -1: none
  std::vector<BudgetView> budgets;  // by budget of the rule set
  // By stage id: the highest of all plans', since a slot is lost to whatever budget needs it most.
  std::vector<std::pair<std::string, double>> slot_prices;
  std::string plan_ids;  // of all active plans, comma between them
  std::string model_hash;
  uint64_t salt = 0;  // of the rows' seeds

  // The frozen segment of a customer in budget `budget`; the last (unplanned) without a plan.
  int32_t SegmentOf(int32_t budget, uint32_t customer) const;
  // Price of a unit of charge for an offer of `campaign` to a customer of that segment.
  double BudgetPrice(int32_t campaign, int32_t segment) const;
  double SlotPrice(absl::string_view stage) const;
};

// A world for a rule set: policies created, prices taken from those of `plans` that were made for
// one of the rule set's budgets. Never fails for a missing plugin: its campaigns end as ERROR.
std::shared_ptr<const World> MakeWorld(
    customers::Valuation valuation, std::string model_hash,
    const std::vector<std::shared_ptr<const journal::PlanRecord>>& plans,
    const plugin_host::Registry& plugins, uint64_t salt);

// The same world with its budgets' prices corrected: a factor by path of the segment
// ("lifecycle/loyal"), 1 where there is none.
std::shared_ptr<const World> WithFactors(const World& world,
                                         const std::map<std::string, double>& factors);

// "lifecycle/loyal/upsell": the leaf that an offer of `campaign` is charged to.
std::string LeafPath(const rules::RuleSet& rules, int32_t campaign, int32_t budget_segment);

// "lifecycle/exploration": the envelope of offers by lot.
std::string ExplorationPath(absl::string_view budget);

// The tree of limits of a budget: the whole, its segments with `segment_limits`, a leaf per
// campaign under each (as large as its segment), and the same for exploration where there is any.
std::vector<journal::BudgetPeriodRecord::Node> BudgetTree(
    const rules::RuleSet& rules, int32_t budget, const std::vector<int64_t>& segment_limits);

}  // namespace tenure::decision

#endif  // TENURE_SERVER_DECISION_WORLD_H_
