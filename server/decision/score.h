// The score and the one total order of candidates (VALUE.md: lever · G − cost − Λ · charge − κ).
#ifndef TENURE_SERVER_DECISION_SCORE_H_
#define TENURE_SERVER_DECISION_SCORE_H_

#include "server/decision/evaluate.h"
#include "server/journal/records.h"
#include "server/rules/rule_set.h"

namespace tenure::decision {

// Net value minus prices, in currency units, from the record's own parts: the same bits whenever it
// is computed again. The charge is the liability, which is what a hold reserves.
double Score(const rules::Campaign& campaign, const journal::CandidateRecord& candidate);

// Sets the score of a valued candidate and decides it where the score is not positive.
void ApplyScore(const rules::Campaign& campaign, journal::CandidateRecord* candidate);

// Puts `order` best first: service before ranked, then score, priority, campaign id, offer id. The
// order of the YAML's campaigns changes nothing.
void SortOrder(const rules::RuleSet& rules, RowEvaluation* row);

// Fills `order` with the undecided candidates, best first.
void Rank(const rules::RuleSet& rules, RowEvaluation* row);

// A candidate that no gate has stopped yet: valued by its policy and above the score's gate.
bool IsLive(const journal::CandidateRecord& candidate);

}  // namespace tenure::decision

#endif  // TENURE_SERVER_DECISION_SCORE_H_
