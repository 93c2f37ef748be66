// Contradictions: conditions that no customer can meet, campaigns that nobody can reach,
// populations that others take everybody from.
#ifndef TENURE_SERVER_RULES_REACHABILITY_H_
#define TENURE_SERVER_RULES_REACHABILITY_H_

#include "server/rules/draft.h"

namespace tenure::rules {

// Warns of each. A condition that only compares columns is tried on values at, around and between
// the literals that it names, stages and tiers on their real values: what none of these meets,
// nothing does. Conditions with arithmetic or functions are not judged, nor are those of more than
// 4,096 combinations.
void CheckReachability(Draft* draft);

}  // namespace tenure::rules

#endif  // TENURE_SERVER_RULES_REACHABILITY_H_
