// Which budget periods must be open, and with which limits.
#ifndef TENURE_SERVER_ENGINE_BUDGET_PERIODS_H_
#define TENURE_SERVER_ENGINE_BUDGET_PERIODS_H_

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/budget/ledger.h"
#include "server/engine/setup.h"
#include "server/journal/records.h"

namespace tenure::engine {

// The periods of the rule set's budgets that hold `at_us`: those not open yet or, with `all` (a
// rule set was just published), every one, since limits and campaigns may have changed. What a
// budget that carries over has left of the period before is added to a new period's limit, and
// stays in it. A running plan's limits stay in force below the budget's declared limit; of the
// unplanned segment and exploration unless the rules declare other amounts for them than when the
// plan was made: then those. Without a plan all the money stands in the unplanned segment: the
// budget holds, and nobody's share is guessed. A period that runs already keeps its instants, also
// when the rule set now states another kind of period.
std::vector<journal::BudgetPeriodRecord> PeriodsToOpen(const Setup& setup,
                                                       const budget::Ledger& ledger, int64_t at_us,
                                                       bool all);

// Whether an envelope belongs to who is not planned for: to newcomers or to exploration. The rules
// declare what it is to get.
bool IsDeclared(absl::string_view path);

// The first instant after `at_us` at which a period of a budget ends; the largest int64 where
// there is none.
int64_t NextPeriodEnd(const Setup& setup, int64_t at_us);

}  // namespace tenure::engine

#endif  // TENURE_SERVER_ENGINE_BUDGET_PERIODS_H_
