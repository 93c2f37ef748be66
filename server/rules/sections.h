// The sections of a rule set's YAML, each read into its part of the draft. They are read in this
// order: conditions need the schema that the first ones declare.
#ifndef TENURE_SERVER_RULES_SECTIONS_H_
#define TENURE_SERVER_RULES_SECTIONS_H_

#include "server/rules/draft.h"
#include "server/rules/map_reader.h"
#include "server/rules/node.h"

namespace tenure::rules {

// name, currency, zone, placements, value, tiers, quiet_hours, holdout, arrivals.
void ReadSettings(MapReader* root, Draft* draft);
// Attributes, and the ids of tracks and segments: all that a condition may name.
void DeclareSchema(MapReader* root, Draft* draft);
void ReadTracks(MapReader* root, Draft* draft);
void ReadSegments(MapReader* root, Draft* draft);
// Those of "value", whose conditions may read segments.
void ReadPopulations(MapReader* root, Draft* draft);
void ReadBudgets(MapReader* root, Draft* draft);
void ReadCampaigns(MapReader* root, Draft* draft);
Offer ReadOffer(const Node& node, Draft* draft);
// After the campaigns, which it refers to.
void ReadCaps(MapReader* root, Draft* draft);

}  // namespace tenure::rules

#endif  // TENURE_SERVER_RULES_SECTIONS_H_
