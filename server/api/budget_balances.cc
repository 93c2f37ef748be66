#include "server/api/budget_balances.h"

#include <algorithm>
#include <map>

#include "server/api/names.h"
#include "server/api/values.h"

namespace tenure::api {

std::vector<tenure::v1::Budget> Budgets(const std::vector<engine::BudgetBalance>& balances,
                                        int64_t now_us, const std::string& currency) {
  std::map<std::string, tenure::v1::Budget> by_id;
  for (const engine::BudgetBalance& from : balances) {
    if (now_us < from.start_us || now_us >= from.end_us) continue;
    const std::string id = from.path.substr(0, from.path.find('/'));
    tenure::v1::Budget& budget = by_id[id];
    budget.set_name(Name(kBudgets, id));
    SetTimestamp(from.start_us, budget.mutable_start_time());
    SetTimestamp(from.end_us, budget.mutable_end_time());
    budget.set_currency_code(currency);
    tenure::v1::Envelope* const to = budget.add_envelopes();
    const int64_t left = from.limit_micros - from.held_micros - from.committed_micros;
    to->set_path(from.path);
    to->set_limit_micros(from.limit_micros);
    to->set_held_micros(from.held_micros);
    to->set_committed_micros(from.committed_micros);
    to->set_available_micros(std::max<int64_t>(left, 0));
    to->set_overcommitted_micros(std::max<int64_t>(-left, 0));
  }
  std::vector<tenure::v1::Budget> budgets;
  for (auto& [id, budget] : by_id) budgets.push_back(std::move(budget));
  return budgets;
}

}  // namespace tenure::api
