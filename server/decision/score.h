// The score (VALUE.md: lever · G − cost − Λ · charge − κ), and what it decides.
#ifndef TENURE_SERVER_DECISION_SCORE_H_
#define TENURE_SERVER_DECISION_SCORE_H_

#include "server/base/money.h"
#include "server/decision/charge.h"
#include "server/journal/candidate.h"
#include "server/rules/rule_set.h"

namespace tenure::decision {

inline bool IsOwed(const rules::Campaign& campaign) {
  return campaign.campaign_class == rules::CampaignClass::kService;
}

// Net value minus prices, in currency units, from the record's own parts: the same bits whenever it
// is computed again.
inline double Score(const rules::Campaign& campaign, double slot_price,
                    const journal::CandidateRecord& candidate) {
  return campaign.lever * candidate.gross_value - candidate.expected_cost -
         candidate.budget_price * UnitsFromMicros(ChargeMicros(campaign, candidate)) - slot_price;
}

// Sets the score of a valued candidate and decides it where the score is not positive.
inline void ApplyScore(const rules::Campaign& campaign, double slot_price,
                       journal::CandidateRecord* candidate) {
  candidate->score = Score(campaign, slot_price, *candidate);
  const bool live = candidate->score > 0 || IsOwed(campaign);
  // Lost until the walk says otherwise.
  candidate->outcome = live ? journal::Outcome::kLost : journal::Outcome::kFiltered;
  candidate->gate = live ? journal::Gate::kNone : journal::Gate::kScore;
}

// A candidate that no gate has stopped yet: valued by its policy and above the score's gate.
inline bool IsLive(const journal::CandidateRecord& candidate) {
  return candidate.outcome == journal::Outcome::kLost;
}

}  // namespace tenure::decision

#endif  // TENURE_SERVER_DECISION_SCORE_H_
