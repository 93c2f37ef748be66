#include "server/decision/score.h"

#include <algorithm>
#include <tuple>

#include "server/base/money.h"

namespace tenure::decision {
namespace {

using journal::CandidateRecord;

bool Owed(const rules::Campaign& campaign) {
  return campaign.campaign_class == rules::CampaignClass::kService;
}

}  // namespace

double Score(const rules::Campaign& campaign, const CandidateRecord& candidate) {
  return campaign.lever * candidate.gross_value - candidate.expected_cost -
         candidate.budget_price * UnitsFromMicros(candidate.liability_micros) -
         candidate.slot_price;
}

void ApplyScore(const rules::Campaign& campaign, CandidateRecord* candidate) {
  candidate->score = Score(campaign, *candidate);
  if (candidate->score > 0 || Owed(campaign)) {
    candidate->outcome = journal::Outcome::kLost;  // until the walk says otherwise
    candidate->gate = journal::Gate::kNone;
  } else {
    candidate->outcome = journal::Outcome::kFiltered;
    candidate->gate = journal::Gate::kScore;
  }
}

bool IsLive(const CandidateRecord& candidate) {
  return candidate.offer >= 0 && candidate.outcome == journal::Outcome::kLost;
}

void SortOrder(const rules::RuleSet& rules, RowEvaluation* row) {
  const auto before = [&](int32_t a, int32_t b) {
    const CandidateRecord& x = row->candidates[static_cast<size_t>(a)];
    const CandidateRecord& y = row->candidates[static_cast<size_t>(b)];
    const rules::Campaign& p = rules.campaigns[static_cast<size_t>(x.campaign)];
    const rules::Campaign& q = rules.campaigns[static_cast<size_t>(y.campaign)];
    if (Owed(p) != Owed(q)) return Owed(p);
    if (x.score != y.score) return x.score > y.score;
    if (p.priority != q.priority) return p.priority > q.priority;
    return std::tie(p.id, p.offers[static_cast<size_t>(x.offer)].id) <
           std::tie(q.id, q.offers[static_cast<size_t>(y.offer)].id);
  };
  std::sort(row->order.begin(), row->order.end(), before);
}

void Rank(const rules::RuleSet& rules, RowEvaluation* row) {
  row->order.clear();
  for (size_t i = 0; i < row->candidates.size(); ++i) {
    if (IsLive(row->candidates[i])) row->order.push_back(static_cast<int32_t>(i));
  }
  SortOrder(rules, row);
}

}  // namespace tenure::decision
