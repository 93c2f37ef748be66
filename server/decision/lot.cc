#include "server/decision/lot.h"

#include "server/base/hash.h"
#include "server/base/random.h"
#include "server/decision/gates.h"
#include "server/decision/score.h"

namespace tenure::decision {
namespace {

using journal::CandidateRecord;

bool IsValued(const CandidateRecord& candidate) {
  return IsLive(candidate) || (candidate.outcome == journal::Outcome::kFiltered &&
                               candidate.gate == journal::Gate::kScore);
}

std::vector<size_t> ValuedBy(const rules::RuleSet& rules, const rules::Budget& budget,
                             const journal::DecisionRecord& record) {
  std::vector<size_t> valued;
  for (size_t i = 0; i < record.candidates.size(); ++i) {
    const CandidateRecord& candidate = record.candidates[i];
    const rules::Campaign& campaign = rules.campaigns[candidate.campaign];
    if (campaign.budget != budget.id || IsOwed(campaign) || !IsValued(candidate)) continue;
    if (InCampaignHoldout(rules, campaign, record.customer_id)) continue;
    valued.push_back(i);
  }
  return valued;
}

}  // namespace

std::vector<Lot> DrawLots(const rules::RuleSet& rules, const journal::DecisionRecord& record) {
  std::vector<Lot> lots;
  for (const rules::Budget& budget : rules.budgets) {
    if (!budget.exploration.has_value()) continue;
    Random random(StableHash(budget.id, record.seed));
    if (random.Uniform() >= budget.exploration->share) continue;
    const std::vector<size_t> valued = ValuedBy(rules, budget, record);
    if (valued.empty()) continue;
    lots.push_back({valued[random.Below(valued.size())],
                    budget.exploration->share / static_cast<double>(valued.size())});
  }
  return lots;
}

}  // namespace tenure::decision
