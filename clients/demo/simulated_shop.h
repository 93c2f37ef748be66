// A shop that `tenure simulate` made up: its orders as a population, and what is true of each
// customer, whatever a model may believe.
#ifndef TENURE_CLIENTS_DEMO_SIMULATED_SHOP_H_
#define TENURE_CLIENTS_DEMO_SIMULATED_SHOP_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/customers/population.h"
#include "server/planning/strategies.h"
#include "server/rules/rule_set.h"

namespace tenure::demo {

// Folds the orders in the order in which `tenure import events --order` sends them, each customer's
// permission for e-mail and post before their first one, at the instant `at_us`. Errors name file
// and line.
absl::Status FoldOrders(const std::string& path, std::shared_ptr<const rules::RuleSet> rules,
                        int64_t at_us, customers::Population* population);

// What is true of everybody in the population, customer 1 first. INVALID_ARGUMENT for a customer
// whose truth is missing.
absl::StatusOr<std::vector<planning::Truth>> ReadTruth(const std::string& path,
                                                       const customers::Population& population,
                                                       double margin_rate);

}  // namespace tenure::demo

#endif  // TENURE_CLIENTS_DEMO_SIMULATED_SHOP_H_
