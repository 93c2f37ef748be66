#include "server/rules/plan_keys.h"

#include "server/base/time.h"

namespace tenure::rules {
namespace {

constexpr double kMostExploration = 0.5;

Replan ReadReplan(const Node& node, Draft* draft) {
  MapReader map(node, "the section \"replan\"", draft->problems);
  Replan replan;
  if (map.Span("every", &replan.every_us) && replan.every_us < kMicrosPerHour) {
    draft->problems->Error(map.Find("every")->mark, "a plan more often than every hour",
                           "write 1h or more; between plans prices follow by pacing");
  }
  double limit = 0;
  if (map.Share("when_spend_off_by", &limit)) replan.when_spend_off_by = limit;
  if (map.Share("when_newcomers_above", &limit)) replan.when_newcomers_above = limit;
  if (map.Share("when_population_moved_by", &limit)) replan.when_population_moved_by = limit;
  map.Finish();
  if (!map.Has("every") && !map.Has("when_spend_off_by") && !map.Has("when_newcomers_above") &&
      !map.Has("when_population_moved_by")) {
    draft->problems->Error(node.mark, "\"replan\" says nothing of when",
                           "state `every`, `when_spend_off_by`, `when_newcomers_above` or "
                           "`when_population_moved_by`");
  }
  return replan;
}

Exploration ReadExploration(const Node& node, Draft* draft) {
  MapReader map(node, "the section \"exploration\"", draft->problems);
  Exploration exploration;
  map.Require("limit");
  map.Money("limit", &exploration.limit_micros);
  map.Require("share");
  if (map.Share("share", &exploration.share) && exploration.share > kMostExploration) {
    draft->problems->Error(map.Find("share")->mark, "more than half of all decisions by lot",
                           "write 50 % or less; 1 % to 5 % is usual");
  }
  map.Finish();
  return exploration;
}

}  // namespace

void ReadPlanning(MapReader* budget_map, Budget* budget, Draft* draft) {
  if (const Node* node = budget_map->Find("replan")) budget->replan = ReadReplan(*node, draft);
  if (const Node* node = budget_map->Find("exploration")) {
    budget->exploration = ReadExploration(*node, draft);
  }
}

}  // namespace tenure::rules
