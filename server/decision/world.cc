#include "server/decision/world.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/decision/offer_specs.h"

namespace tenure::decision {
namespace {

constexpr uint8_t kUnplanned = 255;

absl::StatusOr<std::shared_ptr<const plugin_host::Policy>> MakePolicy(
    const rules::Campaign& campaign, const plugin_host::Registry& plugins) {
  std::shared_ptr<const plugin_host::Plugin> plugin = plugins.Find(campaign.plugin);
  if (plugin == nullptr) {
    return absl::NotFoundError(
        absl::StrCat("no plugin \"", campaign.plugin, "\" is loaded; `tenure plugins` lists them"));
  }
  return plugin_host::Policy::Create(std::move(plugin), campaign.params_json,
                                     OfferSpecs(campaign.offers));
}

int32_t BudgetIndex(const rules::RuleSet& rules, absl::string_view id) {
  for (size_t b = 0; b < rules.budgets.size(); ++b) {
    if (rules.budgets[b].id == id) return static_cast<int32_t>(b);
  }
  return -1;
}

// The prices and segments of one budget by what its plan says, matched by path.
BudgetView MakeView(const rules::RuleSet& rules, const rules::Budget& budget,
                    std::shared_ptr<const journal::PlanRecord> plan) {
  BudgetView view;
  view.price.assign(budget.segments.size() * rules.campaigns.size(), 0);
  view.plan = std::move(plan);
  if (view.plan == nullptr) return view;
  absl::flat_hash_map<absl::string_view, double> own;
  absl::flat_hash_map<absl::string_view, int32_t> segment_index;
  for (size_t s = 0; s < budget.segments.size(); ++s) {
    segment_index[budget.segments[s].id] = static_cast<int32_t>(s);
  }
  const auto unplanned = static_cast<int32_t>(budget.segments.size()) - 1;
  for (const journal::PlanNodeRecord& node : view.plan->nodes) {
    own[node.path] = node.price;
    if (node.parent != 0) continue;
    const absl::string_view id = absl::string_view(node.path).substr(budget.id.size() + 1);
    const auto it = segment_index.find(id);
    view.segment_of_plan.push_back(it == segment_index.end() ? unplanned : it->second);
  }
  const auto price_of = [&own](const std::string& path) {
    const auto it = own.find(path);
    return it == own.end() ? 0.0 : it->second;
  };
  for (size_t s = 0; s < budget.segments.size(); ++s) {
    const std::string segment = absl::StrCat(budget.id, "/", budget.segments[s].id);
    for (size_t c = 0; c < rules.campaigns.size(); ++c) {
      view.price[s * rules.campaigns.size() + c] =
          price_of(budget.id) + price_of(segment) +
          price_of(absl::StrCat(segment, "/", rules.campaigns[c].id));
    }
  }
  return view;
}

using SlotPrices = std::vector<std::pair<std::string, double>>;

void RaiseSlotPrices(const SlotPrices& from, SlotPrices* to) {
  for (const auto& [stage, price] : from) {
    const auto known = std::find_if(to->begin(), to->end(), [&stage = stage](const auto& other) {
      return other.first == stage;
    });
    if (known == to->end()) {
      to->emplace_back(stage, price);
    } else {
      known->second = std::max(known->second, price);
    }
  }
}

}  // namespace

int32_t World::SegmentOf(int32_t budget, uint32_t customer) const {
  const size_t b = static_cast<size_t>(budget);
  const auto unplanned = static_cast<int32_t>(rules->budgets[b].segments.size()) - 1;
  const BudgetView& view = budgets[b];
  if (view.plan == nullptr || customer == 0 || customer > view.plan->segment_of.size()) {
    return unplanned;
  }
  const auto frozen = static_cast<uint8_t>(view.plan->segment_of[customer - 1]);
  if (frozen == kUnplanned || frozen >= view.segment_of_plan.size()) return unplanned;
  return view.segment_of_plan[frozen];
}

double World::BudgetPrice(int32_t campaign, int32_t segment) const {
  const int32_t budget = budget_of[static_cast<size_t>(campaign)];
  if (budget < 0) return 0;
  const BudgetView& view = budgets[static_cast<size_t>(budget)];
  const auto s = static_cast<size_t>(segment);
  const double price = view.price[s * rules->campaigns.size() + static_cast<size_t>(campaign)];
  return view.factor.empty() ? price : price * view.factor[s];
}

double World::SlotPrice(absl::string_view stage) const {
  for (const auto& [id, price] : slot_prices) {
    if (id == stage) return price;
  }
  return 0;
}

std::shared_ptr<const World> MakeWorld(
    customers::Valuation valuation, std::string model_hash,
    const std::vector<std::shared_ptr<const journal::PlanRecord>>& plans,
    const plugin_host::Registry& plugins, uint64_t salt) {
  auto world = std::make_shared<World>();
  world->rules = valuation.rules;
  world->valuation = std::move(valuation);
  world->model_hash = std::move(model_hash);
  world->salt = salt;
  const rules::RuleSet& rules = *world->rules;
  world->index = std::make_shared<const CampaignIndex>(rules);
  for (const rules::Campaign& campaign : rules.campaigns) {
    auto policy = MakePolicy(campaign, plugins);
    world->policies.push_back(policy.ok() ? *policy : nullptr);
    world->policy_errors.emplace_back(policy.ok() ? "" : policy.status().message());
    world->budget_of.push_back(campaign.budget.empty() ? -1 : BudgetIndex(rules, campaign.budget));
  }
  std::vector<absl::string_view> ids;
  for (const rules::Budget& budget : rules.budgets) {
    std::shared_ptr<const journal::PlanRecord> mine;
    for (const auto& plan : plans) {
      if (plan->budget == budget.id) mine = plan;
    }
    if (mine != nullptr) {
      ids.push_back(mine->id);
      RaiseSlotPrices(mine->slot_prices, &world->slot_prices);
    }
    world->budgets.push_back(MakeView(rules, budget, std::move(mine)));
  }
  world->plan_ids = absl::StrJoin(ids, ",");
  return world;
}

std::shared_ptr<const World> WithFactors(const World& world,
                                         const std::map<std::string, double>& factors) {
  auto paced = std::make_shared<World>(world);
  for (size_t b = 0; b < paced->budgets.size(); ++b) {
    const rules::Budget& budget = world.rules->budgets[b];
    std::vector<double>& factor = paced->budgets[b].factor;
    factor.assign(budget.segments.size(), 1);
    for (size_t s = 0; s < factor.size(); ++s) {
      const auto it = factors.find(absl::StrCat(budget.id, "/", budget.segments[s].id));
      if (it != factors.end()) factor[s] = it->second;
    }
  }
  return paced;
}

std::string LeafPath(const rules::RuleSet& rules, int32_t campaign, int32_t budget_segment) {
  const rules::Campaign& of = rules.campaigns[static_cast<size_t>(campaign)];
  const int32_t budget = BudgetIndex(rules, of.budget);
  if (budget < 0) return "";
  const rules::Budget& holder = rules.budgets[static_cast<size_t>(budget)];
  return absl::StrCat(holder.id, "/", holder.segments[static_cast<size_t>(budget_segment)].id, "/",
                      of.id);
}

std::string ExplorationPath(absl::string_view budget) {
  return absl::StrCat(budget, "/", rules::kExplorationSegment);
}

std::vector<journal::BudgetPeriodRecord::Node> BudgetTree(
    const rules::RuleSet& rules, int32_t budget, const std::vector<int64_t>& segment_limits) {
  const rules::Budget& of = rules.budgets[static_cast<size_t>(budget)];
  std::vector<journal::BudgetPeriodRecord::Node> nodes;
  nodes.push_back({of.id, -1, of.limit_micros});
  for (size_t s = 0; s < of.segments.size(); ++s) {
    nodes.push_back({absl::StrCat(of.id, "/", of.segments[s].id), 0, segment_limits[s]});
  }
  for (size_t s = 0; s < of.segments.size(); ++s) {
    for (const rules::Campaign& campaign : rules.campaigns) {
      if (campaign.budget != of.id) continue;
      nodes.push_back({absl::StrCat(nodes[s + 1].path, "/", campaign.id),
                       static_cast<int32_t>(s) + 1, segment_limits[s]});
    }
  }
  if (!of.exploration.has_value()) return nodes;
  const auto lot = static_cast<int32_t>(nodes.size());
  nodes.push_back({ExplorationPath(of.id), 0, of.exploration->limit_micros});
  for (const rules::Campaign& campaign : rules.campaigns) {
    if (campaign.budget != of.id) continue;
    nodes.push_back({absl::StrCat(ExplorationPath(of.id), "/", campaign.id), lot,
                     of.exploration->limit_micros});
  }
  return nodes;
}

}  // namespace tenure::decision
