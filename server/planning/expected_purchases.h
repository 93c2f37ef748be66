// What a model expects of a period that has passed.
#ifndef TENURE_SERVER_PLANNING_EXPECTED_PURCHASES_H_
#define TENURE_SERVER_PLANNING_EXPECTED_PURCHASES_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "server/clv/value_model.h"
#include "server/customers/population.h"
#include "server/journal/records.h"
#include "server/rules/rule_set.h"

namespace tenure::planning {

// Expected repeat purchases of each row in the `days` after its observation. INVALID_ARGUMENT when
// days is not above 0. Thread-safe.
absl::StatusOr<std::vector<double>> ExpectedPurchases(const clv::ValueModel& model,
                                                      absl::Span<const clv::Observation> rows,
                                                      double days);

// What fits by this rule set learn from. The result refers to the rules.
customers::Learning LearningOf(const rules::RuleSet& rules);

// The value model of a record; DATA_LOSS naming it when it can't be read.
absl::StatusOr<std::shared_ptr<const clv::ValueModel>> ModelOf(const journal::ModelRecord& record);

}  // namespace tenure::planning

#endif  // TENURE_SERVER_PLANNING_EXPECTED_PURCHASES_H_
