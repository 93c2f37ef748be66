// Offers by lot: a share of decisions gives one at random, so that what it earns is known without
// the bias of having been chosen (SEMANTICS.md, "Learning").
#ifndef TENURE_SERVER_DECISION_LOT_H_
#define TENURE_SERVER_DECISION_LOT_H_

#include <cstddef>
#include <vector>

#include "server/journal/records.h"
#include "server/rules/rule_set.h"

namespace tenure::decision {

struct Lot {
  size_t candidate = 0;    // index into DecisionRecord::candidates
  double probability = 0;  // that the lot fell on it, before any condition of the moment
};

// Where the lot falls: for each budget with exploration on none, or on one of the candidates that
// its policies valued, whatever their scores; each is as likely. Drawn from the record's seed
// alone, so that a replay draws the same. Not of campaigns that the customer is held out of, nor of
// messages that are owed.
std::vector<Lot> DrawLots(const rules::RuleSet& rules, const journal::DecisionRecord& record);

}  // namespace tenure::decision

#endif  // TENURE_SERVER_DECISION_LOT_H_
