#include "server/engine/plan_basis.h"

#include <algorithm>

#include "server/budget/ledger.h"
#include "server/engine/budget_periods.h"
#include "server/engine/fold.h"

namespace tenure::engine {

PlanBasis FindPlanBasis(const Fold& fold, absl::string_view budget, int64_t now_us) {
  PlanBasis basis;
  // A period may have ended since the question was asked.
  now_us = std::max(now_us, fold.last_at_us());
  basis.at_us = now_us;
  basis.arrival_days = fold.arrivals().Days(now_us);
  basis.decisions = fold.arrivals().ByStage(now_us);
  const auto made = fold.setup().made.find(std::string(budget));
  if (made != fold.setup().made.end()) basis.made = made->second;
  const budget::Ledger& ledger = fold.ledger();
  const auto found = fold.setup().periods.find(std::string(budget));
  const bool open = found != fold.setup().periods.end() && now_us >= found->second.start_us &&
                    now_us < found->second.end_us;
  if (open) basis.period = found->second;
  if (open && basis.made.has_value() && basis.made->end_us == found->second.end_us) {
    basis.foreseen_share =
        fold.pacing().ShareOfRest(budget, found->second, basis.made->at_us, now_us);
  }
  const int64_t open_us = open ? found->second.start_us : now_us;
  // From the newest back: only a budget's newest period ever gets nodes, so that those of older
  // ones stand before them. Years of periods are not looked through while decisions wait.
  int64_t last_us = -1;  // where the period before begins
  for (budget::NodeId node = ledger.node_count(); node-- > 0;) {
    if (absl::string_view(ledger.budget_id(node)) != budget) continue;
    const int64_t start_us = ledger.start_us(node);
    if (last_us < 0 && start_us < open_us) last_us = start_us;
    if (start_us < last_us) break;
    const std::string& path = ledger.node_id(node);
    const budget::Balance& balance = ledger.balance(node);
    const int64_t used = balance.held + balance.committed;
    if (start_us == last_us) basis.last_spend_micros.emplace_back(path, used);
    if (!open || start_us != open_us) continue;
    basis.used_micros.emplace_back(path, used);
    if (path == budget) basis.limit_micros = balance.limit;
    const bool segment = std::count(path.begin(), path.end(), '/') == 1;
    if (segment && !IsDeclared(path)) basis.planned_micros += used;
  }
  std::reverse(basis.used_micros.begin(), basis.used_micros.end());
  std::reverse(basis.last_spend_micros.begin(), basis.last_spend_micros.end());
  return basis;
}

}  // namespace tenure::engine
