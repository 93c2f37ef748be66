#include "server/engine/budget_periods.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "server/base/money.h"
#include "server/base/status.h"
#include "server/decision/world.h"

namespace tenure::engine {
namespace {

// The period of a budget that holds `at_us`, and whether it is open already.
Window PeriodAt(const Setup& setup, const rules::Budget& budget, int64_t at_us, bool* open) {
  const absl::StatusOr<Window> calendar = CalendarWindow(at_us, budget.period, setup.rules->zone);
  TENURE_CHECK(calendar.ok());  // the compiler has checked the zone
  Window period = *calendar;
  const auto last = setup.periods.find(budget.id);
  *open = false;
  if (last == setup.periods.end()) return period;
  if (at_us < last->second.end_us) {
    *open = true;
    return last->second;
  }
  period.start_us = std::max(period.start_us, last->second.end_us);
  return period;
}

}  // namespace

namespace {

// The one right below the root that a path is, or is below; empty for the root.
absl::string_view SegmentOf(absl::string_view path) {
  const size_t slash = path.find('/');
  if (slash == absl::string_view::npos) return "";
  return path.substr(slash + 1, path.find('/', slash + 1) - slash - 1);
}

}  // namespace

bool IsDeclared(absl::string_view path) {
  const absl::string_view segment = SegmentOf(path);
  return segment == rules::kUnplannedSegment || segment == rules::kExplorationSegment;
}

namespace {

// Whether the rules declare another amount for an envelope than they did when the plan was made:
// then theirs counts, and not the plan's share of the earlier one.
bool IsDeclaredAnew(absl::string_view path, const rules::Budget& budget,
                    const journal::PlanRecord& plan) {
  if (!IsDeclared(path)) return false;
  if (SegmentOf(path) == rules::kUnplannedSegment) {
    return budget.unplanned_micros != plan.declared_unplanned_micros;
  }
  const int64_t by_lot = budget.exploration.has_value() ? budget.exploration->limit_micros : 0;
  return by_lot != plan.declared_exploration_micros;
}

void TakePlannedLimits(const rules::Budget& budget, const journal::PlanRecord& plan,
                       std::vector<journal::BudgetPeriodRecord::Node>* nodes) {
  std::map<std::string, int64_t> planned;
  for (const journal::PlanNodeRecord& node : plan.nodes) planned[node.path] = node.limit_micros;
  for (size_t i = 1; i < nodes->size(); ++i) {
    journal::BudgetPeriodRecord::Node& node = (*nodes)[i];
    if (IsDeclaredAnew(node.path, budget, plan)) continue;
    const auto it = planned.find(node.path);
    if (it != planned.end()) {
      node.limit_micros = it->second;
    } else {
      // New since the plan: a campaign as large as its segment, a segment without money.
      node.limit_micros =
          node.parent > 0 ? (*nodes)[static_cast<size_t>(node.parent)].limit_micros : 0;
    }
  }
}

// What the period that runs has taken over.
int64_t CarriedInto(const Setup& setup, const rules::Budget& budget) {
  const auto carried = setup.carried.find(budget.id);
  return carried == setup.carried.end() ? 0 : carried->second;
}

// What the budget's last period has left. What is held there is not: it may still be spent there.
int64_t LeftOver(const Setup& setup, const budget::Ledger& ledger, const rules::Budget& budget) {
  const auto last = setup.periods.find(budget.id);
  if (!budget.carries_over || last == setup.periods.end()) return 0;
  const auto root = ledger.FindNode(budget.id, budget.id, last->second.start_us);
  if (!root.has_value()) return 0;
  const int64_t left = ledger.balance(*root).available();
  return std::min(left, budget.max_carry_over_micros.value_or(left));
}

int64_t SumOrMost(int64_t a, int64_t b) {
  const absl::StatusOr<int64_t> sum = AddMicros(a, b);
  return sum.ok() ? *sum : std::numeric_limits<int64_t>::max();
}

}  // namespace

std::vector<journal::BudgetPeriodRecord> PeriodsToOpen(const Setup& setup,
                                                       const budget::Ledger& ledger, int64_t at_us,
                                                       bool all) {
  std::vector<journal::BudgetPeriodRecord> records;
  if (setup.rules == nullptr) return records;
  for (size_t b = 0; b < setup.rules->budgets.size(); ++b) {
    const rules::Budget& budget = setup.rules->budgets[b];
    bool open = false;
    const Window period = PeriodAt(setup, budget, at_us, &open);
    if (open && !all) continue;
    journal::BudgetPeriodRecord record;
    record.budget = budget.id;
    record.start_us = period.start_us;
    record.end_us = period.end_us;
    record.carried_micros = open ? CarriedInto(setup, budget) : LeftOver(setup, ledger, budget);
    record.customer_limit_micros = budget.per_customer_micros;
    const int64_t limit = SumOrMost(budget.limit_micros, record.carried_micros);
    std::vector<int64_t> limits(budget.segments.size(), 0);
    const auto plan = setup.plans.find(budget.id);
    const bool planned = plan != setup.plans.end() && plan->second.record->end_us > at_us;
    limits.back() = planned ? budget.unplanned_micros : limit;
    record.nodes = decision::BudgetTree(*setup.rules, static_cast<int32_t>(b), limits);
    record.nodes[0].limit_micros = limit;
    if (planned) TakePlannedLimits(budget, *plan->second.record, &record.nodes);
    records.push_back(std::move(record));
  }
  return records;
}

int64_t NextPeriodEnd(const Setup& setup, int64_t at_us) {
  int64_t next = std::numeric_limits<int64_t>::max();
  for (const auto& [budget, period] : setup.periods) {
    if (period.end_us > at_us) next = std::min(next, period.end_us);
  }
  return next;
}

}  // namespace tenure::engine
