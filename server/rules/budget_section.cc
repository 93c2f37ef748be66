#include "server/base/money.h"
#include "server/rules/condition.h"
#include "server/rules/plan_keys.h"
#include "server/rules/sections.h"

namespace tenure::rules {
namespace {

constexpr int64_t kShortestSilence = 5 * 60 * kMicrosPerSecond;

BudgetSegment ReadBudgetSegment(const Node& node, bool last, Draft* draft) {
  MapReader map(node, "a budget's segment", draft->problems);
  BudgetSegment segment;
  segment.mark = node.mark;
  map.Require("id");
  map.Id("id", &segment.id);
  if (segment.id == kUnplannedSegment) {
    draft->problems->Error(
        node.mark, "\"unplanned\" is the segment of who comes after the plan",
        "give it money by the budget's key \"unplanned\", and choose another id");
  }
  if (segment.id == kExplorationSegment) {
    draft->problems->Error(node.mark, "\"exploration\" is the envelope of offers by lot",
                           "declare it by the budget's key \"exploration\", and choose another id");
  }
  const ConditionScope scope{"a budget's segment", true, draft->set.schema->size()};
  segment.when = ReadCondition(&map, "when", scope, draft);
  if (node.kind == Node::Kind::kMap && map.Has("when") == last) {
    draft->problems->Error(
        node.mark, last ? "the last segment takes everybody else: it has no \"when\""
                        : "only the last segment, which takes everybody else, has no \"when\"");
  }
  map.Money("min", &segment.min_micros);
  int64_t max = 0;
  if (map.Money("max", &max)) segment.max_micros = max;
  if (segment.max_micros.has_value() && segment.min_micros > *segment.max_micros) {
    draft->problems->Error(node.mark, "\"min\" is more than \"max\"");
  }
  map.Finish();
  return segment;
}

void ReadPacing(const Node& node, Budget* budget, Draft* draft) {
  MapReader map(node, "a budget's pacing", draft->problems);
  Pacing pacing;
  pacing.mark = node.mark;
  map.Choice<PacingShape>("shape",
                          {{"curve", PacingShape::kCurve},
                           {"even", PacingShape::kEven},
                           {"front_loaded", PacingShape::kFrontLoaded}},
                          &pacing.shape);
  int64_t day_max = 0;
  if (map.Money("day_max", &day_max)) pacing.day_max_micros = day_max;
  if (map.Span("stale_after", &pacing.stale_after_us) && pacing.stale_after_us < kShortestSilence) {
    draft->problems->Error(map.Find("stale_after")->mark, "silence of less than five minutes",
                           "prices are corrected every five minutes: write 5m or more");
  }
  map.Finish();
  budget->pacing = pacing;
}

// Under a fixed split "max" is what a segment gets.
void CheckMoney(const Budget& budget, Draft* draft) {
  const bool fixed = budget.split == Split::kFixed;
  const int64_t by_lot = budget.exploration ? budget.exploration->limit_micros : 0;
  int64_t reserved = AddMicros(budget.unplanned_micros, by_lot).value_or(INT64_MAX);
  for (const BudgetSegment& segment : budget.segments) {
    const absl::StatusOr<int64_t> sum =
        AddMicros(reserved, fixed ? segment.max_micros.value_or(0) : segment.min_micros);
    reserved = sum.ok() ? *sum : INT64_MAX;
    if (fixed && !segment.max_micros.has_value()) {
      draft->problems->Error(segment.mark, "under a fixed split each segment needs \"max\"");
    }
    if (fixed && segment.min_micros > 0) {
      draft->problems->Error(segment.mark,
                             "under a fixed split a segment gets its \"max\": \"min\" says nothing",
                             "leave \"min\" out, or take \"split: optimal\"");
    }
  }
  if (reserved > budget.limit_micros) {
    draft->problems->Error(
        budget.mark, absl::StrCat("\"unplanned\"", by_lot > 0 ? ", \"exploration\"" : "",
                                  " and the segments' \"", fixed ? "max" : "min",
                                  "\" are together ", DisplayMicros(reserved),
                                  ", more than the limit of ", DisplayMicros(budget.limit_micros)));
  }
  if (budget.limit_micros == 0) draft->problems->Warn(budget.mark, "this budget is empty");
  if (budget.pacing.has_value() && budget.pacing->day_max_micros == 0) {
    draft->problems->Warn(budget.pacing->mark, "\"day_max\" is 0: nothing is ever spent");
  }
}

void ReadCarryOver(MapReader* map, Budget* budget, ProblemList* problems) {
  map->Choice<bool>("carry_over", {{"none", false}, {"unspent", true}}, &budget->carries_over);
  int64_t most = 0;
  if (!map->Money("max_carry_over", &most)) return;
  budget->max_carry_over_micros = most;
  if (!budget->carries_over) {
    problems->Error(budget->mark,
                    "\"max_carry_over\" says nothing without \"carry_over: unspent\"");
  }
}

Budget ReadBudget(const Node& node, Draft* draft) {
  MapReader map(node, "a budget", draft->problems);
  Budget budget;
  budget.mark = node.mark;
  map.Require("id");
  map.Id("id", &budget.id);
  map.Choice<Period>("period",
                     {{"day", Period::kDay},
                      {"week", Period::kWeek},
                      {"month", Period::kMonth},
                      {"quarter", Period::kQuarter},
                      {"year", Period::kYear}},
                     &budget.period);
  map.Require("limit");
  const bool limited = map.Money("limit", &budget.limit_micros);
  map.Choice<Split>("split",
                    {{"optimal", Split::kOptimal},
                     {"fixed", Split::kFixed},
                     {"proportional_customers", Split::kProportionalCustomers},
                     {"proportional_clv", Split::kProportionalClv},
                     {"proportional_last_spend", Split::kProportionalLastSpend}},
                    &budget.split);
  map.Money("unplanned", &budget.unplanned_micros);
  ReadCarryOver(&map, &budget, draft->problems);
  int64_t per_customer = 0;
  if (map.Money("per_customer", &per_customer)) budget.per_customer_micros = per_customer;
  const Node* list = map.Require("segments");
  IdSet ids("segment of this budget", draft->problems);
  const std::vector<NodePtr>& nodes = map.Items("segments");
  CheckNotEmpty(list, nodes, "a budget needs at least one segment", draft->problems);
  if (CheckCount(nodes, kMaxBudgetSegments, "segments in a budget", draft->problems)) {
    for (const NodePtr& item : nodes) {
      budget.segments.push_back(ReadBudgetSegment(*item, item == nodes.back(), draft));
      ids.Add(budget.segments.back().id, item->mark);
    }
  }
  ReadPlanning(&map, &budget, draft);
  if (const Node* pacing = map.Find("pacing")) ReadPacing(*pacing, &budget, draft);
  map.Finish();
  if (limited) CheckMoney(budget, draft);
  BudgetSegment unplanned;
  unplanned.id = kUnplannedSegment;
  unplanned.max_micros = budget.unplanned_micros;
  unplanned.when.mark = unplanned.mark = node.mark;
  budget.segments.push_back(std::move(unplanned));
  return budget;
}

}  // namespace

void ReadBudgets(MapReader* root, Draft* draft) {
  IdSet ids("budget", draft->problems);
  for (const NodePtr& node : root->Items("budgets")) {
    draft->set.budgets.push_back(ReadBudget(*node, draft));
    ids.Add(draft->set.budgets.back().id, node->mark);
  }
}

}  // namespace tenure::rules
