// What a plan of a budget has to know of the fold, as of one moment.
#ifndef TENURE_SERVER_ENGINE_PLAN_BASIS_H_
#define TENURE_SERVER_ENGINE_PLAN_BASIS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/base/time.h"
#include "server/engine/setup.h"

namespace tenure::engine {

class Fold;

struct PlanBasis {
  int64_t at_us = 0;             // as of then; what the plan is to be made at
  std::optional<Window> period;  // the open one; none: the budget has none at the time
  int64_t limit_micros = 0;      // of the whole in it
  int64_t planned_micros = 0;    // held and committed of the segments that are planned for
  // By path: held and committed in the open period, and in the one before.
  std::vector<std::pair<std::string, int64_t>> used_micros, last_spend_micros;
  std::optional<PlanMade> made;  // the plan made last
  // Of what that plan meant to spend: the share that was to be by now, as the budget's pacing has
  // it; none: it is not paced.
  std::optional<double> foreseen_share;
  double arrival_days = 0;  // in which so many decisions were asked for, by stage
  std::map<std::string, int64_t> decisions;
};

PlanBasis FindPlanBasis(const Fold& fold, absl::string_view budget, int64_t now_us);

}  // namespace tenure::engine

#endif  // TENURE_SERVER_ENGINE_PLAN_BASIS_H_
