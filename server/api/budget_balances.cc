#include "server/api/budget_balances.h"

#include <algorithm>
#include <map>
#include <utility>

#include "server/api/names.h"
#include "server/api/values.h"

namespace tenure::api {

namespace {

// The part of the money or of the time before which use says nothing of its end.
constexpr double kTooEarly = 0.01;

double ShareOfTime(const engine::BudgetBalance& balance, int64_t now_us) {
  return std::clamp(static_cast<double>(now_us - balance.start_us) /
                        static_cast<double>(balance.end_us - balance.start_us),
                    0.0, 1.0);
}

}  // namespace

void SetPace(double share, tenure::v1::Envelope* envelope) {
  const auto used = static_cast<double>(envelope->held_micros() + envelope->committed_micros());
  const double target = static_cast<double>(envelope->limit_micros()) * share;
  envelope->set_target_micros(RoundMicros(target / double{kMicrosPerUnit}));
  envelope->clear_projected_micros();
  if (share >= kTooEarly) {
    envelope->set_projected_micros(RoundMicros(used / share / double{kMicrosPerUnit}));
  }
  envelope->clear_pace();
  if (envelope->target_micros() > 0) {
    envelope->set_pace(used / static_cast<double>(envelope->target_micros()));
  }
}

std::vector<tenure::v1::Budget> Budgets(const std::vector<engine::BudgetBalance>& balances,
                                        int64_t now_us, const std::string& currency) {
  std::map<std::pair<std::string, int64_t>, tenure::v1::Budget> by_period;
  for (const engine::BudgetBalance& from : balances) {
    const std::string id = from.path.substr(0, from.path.find('/'));
    tenure::v1::Budget& budget = by_period[{id, from.start_us}];
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
    to->set_refunded_micros(from.refunded_micros);
    SetPace(ShareOfTime(from, now_us), to);
  }
  std::vector<tenure::v1::Budget> budgets;
  for (auto& [key, budget] : by_period) budgets.push_back(std::move(budget));
  return budgets;
}

}  // namespace tenure::api
