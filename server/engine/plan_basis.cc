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
  const auto is_of_budget = [&](const std::string& path) {
    return absl::string_view(path).substr(0, path.find('/')) == budget;
  };
  const auto found = fold.setup().periods.find(std::string(budget));
  const bool open = found != fold.setup().periods.end() && now_us >= found->second.start_us &&
                    now_us < found->second.end_us;
  if (open) basis.period = found->second;
  const int64_t open_us = open ? found->second.start_us : now_us;
  int64_t last_us = -1;  // where the period before begins
  for (budget::NodeId node = 0; node < ledger.node_count(); ++node) {
    if (ledger.start_us(node) >= open_us || !is_of_budget(ledger.node_id(node))) continue;
    last_us = std::max(last_us, ledger.start_us(node));
  }
  for (budget::NodeId node = 0; node < ledger.node_count(); ++node) {
    const std::string& path = ledger.node_id(node);
    if (!is_of_budget(path)) continue;
    const budget::Balance& balance = ledger.balance(node);
    const int64_t used = balance.held + balance.committed;
    const int64_t start_us = ledger.start_us(node);
    if (start_us == last_us) basis.last_spend_micros.emplace_back(path, used);
    if (!open || start_us != open_us) continue;
    basis.used_micros.emplace_back(path, used);
    if (path == budget) basis.limit_micros = balance.limit;
    const bool segment = std::count(path.begin(), path.end(), '/') == 1;
    if (segment && !IsDeclared(path)) basis.planned_micros += used;
  }
  return basis;
}

}  // namespace tenure::engine
