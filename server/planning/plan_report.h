// The plan for people: per segment what it got and why, what is assumed, what was left out.
#ifndef TENURE_SERVER_PLANNING_PLAN_REPORT_H_
#define TENURE_SERVER_PLANNING_PLAN_REPORT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "server/budget/plan_reasons.h"
#include "server/budget/planner.h"
#include "server/clv/total_value.h"
#include "server/decision/world.h"
#include "server/journal/records.h"
#include "server/planning/appraisal.h"
#include "server/planning/arrivals.h"
#include "server/planning/demand.h"
#include "server/planning/envelopes.h"
#include "server/rules/rule_set.h"

namespace tenure::planning {

// Where a bit more of a budget would go, as shares of it.
struct NextUnit {
  double planned = 0;            // to what the planner shares among the segments
  std::vector<double> segments;  // to each planned one; empty: wherever the planner finds best
};

struct PlanReportInput {
  const decision::World* world;
  const rules::Budget* budget;
  const Appraisal* appraisal;
  const Demand* demand;
  const budget::PlanResult* result;
  absl::Span<const budget::NodeReasons> reasons;  // by node: the whole, then the segments
  const journal::PlanRecord* record;              // filled, but for the report
  const clv::TotalValue* customers;               // what all of them are worth without offers
  const Arrivals* arrivals;
  absl::Span<const std::optional<double>> floor_costs;  // by planned segment; none: not known
  const Envelopes* envelopes;
  NextUnit next_unit;
};

// One JSON object: `status`, `stopped` (by the deadline: the best so far), `achieved`,
// `upper_bound`, `gap`, `held_out`, `value_stderr`, `value_low`, `value_high` (95 %),
// `assumed_share`, `pooled_share`, `measured_share`, `basis`, `model`, `customer_values` (`clv`,
// `clv_mean_low` and so on, of all customers), `assumptions` (sentences), `unvalued` (`campaign`,
// `candidates`, `why` of each whose policy failed) and `segments`, each with `id`, `customers`,
// `offers`, `limit`, `spend` (decimal strings), `value`, `value_stderr`, `price` (that decisions
// pay for a unit), `one_more_unit` (what it would add here: never more than the best that is not
// funded), `marginal_value` (a unit's, of the last step that was funded), `unspent`, `floor_cost`
// where a floor binds the planner, `why` (a sentence) and `best_not_funded`; `one_more_unit` of the
// whole budget; `unassigned`, what no segment gets, with `unassigned_why` where that is not 0;
// `former_segments`, what segments that the rules no longer have used, where that is not 0;
// `over`, what is used above the limit; and `stages`, each with `id`, `customers`,
// `arrivals_per_week`, `slot_price` and `why`; `arrivals` says where those come from. The same plan
// gives the same bytes.
std::string PlanReport(const PlanReportInput& input);

}  // namespace tenure::planning

#endif  // TENURE_SERVER_PLANNING_PLAN_REPORT_H_
