// What a budget says of its plans: when they are made anew, and what may be spent by lot.
#ifndef TENURE_SERVER_RULES_PLAN_KEYS_H_
#define TENURE_SERVER_RULES_PLAN_KEYS_H_

#include "server/rules/draft.h"
#include "server/rules/map_reader.h"

namespace tenure::rules {

// The keys `replan` and `exploration` of a budget.
void ReadPlanning(MapReader* budget_map, Budget* budget, Draft* draft);

}  // namespace tenure::rules

#endif  // TENURE_SERVER_RULES_PLAN_KEYS_H_
