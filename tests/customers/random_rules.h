// Rule sets, models and events of any kind, for what must hold whatever they are.
#ifndef TENURE_TESTS_CUSTOMERS_RANDOM_RULES_H_
#define TENURE_TESTS_CUSTOMERS_RANDOM_RULES_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "server/base/random.h"
#include "server/clv/population_models.h"
#include "server/clv/value_model.h"
#include "server/journal/records.h"
#include "server/rules/rule_set.h"

namespace tenure::customers {

// rules/default, compiled; null where TENURE_SOURCE_DIR has none.
std::shared_ptr<const rules::RuleSet> DefaultRules();

// Two tracks; half of all rule sets read only what a tick can solve.
std::shared_ptr<const rules::RuleSet> RandomRules(Random* random);

// A comparison of p_alive that can be solved: with a number anywhere in [0, 1] and at its ends, or
// with what stands still.
std::string AliveCondition(Random* random);

inline constexpr absl::string_view kModels[] = {"nbd", "bg_nbd", "mbg_nbd"};
// With purchases at rates from a few days to half a year, and any share of customers who leave.
std::shared_ptr<const clv::ValueModel> RandomModel(absl::string_view kind, Random* random);
// Of any kind, and now and then none.
std::shared_ptr<const clv::ValueModel> AnyModel(Random* random);
// Null, or models of contracts and purchases for some of the populations of RandomRules.
std::shared_ptr<const clv::PopulationModels> AnyPopulations(Random* random);

// Around `now_us`: late ones, and now and then one that is ahead of its time.
journal::EventRecord RandomEvent(int64_t now_us, Random* random);

}  // namespace tenure::customers

#endif  // TENURE_TESTS_CUSTOMERS_RANDOM_RULES_H_
