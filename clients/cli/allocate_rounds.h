// Several offers per customer: the parts of `tenure allocate` that know rounds.
#ifndef TENURE_CLIENTS_CLI_ALLOCATE_ROUNDS_H_
#define TENURE_CLIENTS_CLI_ALLOCATE_ROUNDS_H_

#include <nlohmann/json.hpp>
#include <string>

#include "clients/cli/budgets_file.h"
#include "server/budget/plan_rounds.h"

namespace tenure::cli {

// As many rounds as the budgets file allows offers per customer. A customer gets offers of one
// name once, whatever their campaign and channel, and one offer of a campaign.
budget::RoundsOptions RoundsOf(const AllocationInput& input, const BudgetsFile& budgets);

// `customer,offer`, a row an offer: by customer, then by priority.
std::string ChoicesCsv(const AllocationInput& input, const budget::PlanRounds& plan);

int64_t CountChosen(const budget::PlanResult& result);  // customers

// One object a round, or line a round on standard output.
nlohmann::ordered_json RoundsJson(const AllocationInput& input, const budget::PlanRounds& plan);
void PrintRounds(const BudgetsFile& budgets, const budget::PlanRounds& plan);

// By id: micros of a node or side limit as units, counts as they are; and prices.
nlohmann::ordered_json SpendJson(const budget::PlanInput& plan, const budget::PlanResult& result);
nlohmann::ordered_json PricesJson(const budget::PlanInput& plan, const budget::PlanResult& result);

}  // namespace tenure::cli

#endif  // TENURE_CLIENTS_CLI_ALLOCATE_ROUNDS_H_
