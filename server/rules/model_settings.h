// The keys by which value is modelled: of the section "value" and of its populations.
#ifndef TENURE_SERVER_RULES_MODEL_SETTINGS_H_
#define TENURE_SERVER_RULES_MODEL_SETTINGS_H_

#include "server/rules/draft.h"
#include "server/rules/map_reader.h"
#include "server/rules/rule_set.h"

namespace tenure::rules {

// Leaves what is not stated as it was.
void ReadModelSettings(MapReader* map, Draft* draft, ModelSettings* settings);

}  // namespace tenure::rules

#endif  // TENURE_SERVER_RULES_MODEL_SETTINGS_H_
