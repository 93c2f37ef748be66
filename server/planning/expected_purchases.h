// What a model expects of a period that has passed.
#ifndef TENURE_SERVER_PLANNING_EXPECTED_PURCHASES_H_
#define TENURE_SERVER_PLANNING_EXPECTED_PURCHASES_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "server/clv/model_document.h"
#include "server/customers/population.h"
#include "server/journal/records.h"
#include "server/rules/rule_set.h"

namespace tenure::planning {

// Calls `each` with every model that has customers of the summary, and their positions in it: their
// populations are those of `rules`, by which the summary was made. Whom the models don't know, the
// pooled one has.
void ByModel(
    const clv::ModelDocument& models, const rules::RuleSet& rules,
    const customers::Population::Summary& summary,
    const std::function<void(const clv::ValueModel& model, const std::vector<size_t>& rows)>& each);

// Expected repeat purchases of each customer in the `days` after their observation, each by the
// model of ByModel. INVALID_ARGUMENT when days is not above 0. Thread-safe.
absl::StatusOr<std::vector<double>> ExpectedPurchases(const clv::ModelDocument& models,
                                                      const rules::RuleSet& rules,
                                                      const customers::Population::Summary& summary,
                                                      double days);

// What fits by this rule set learn from. Contracts are learnt from as they are: their renewals are
// owed, not brought by anybody.
customers::Learning LearningOf(const std::shared_ptr<const rules::RuleSet>& rules);

// The value models of a record; DATA_LOSS naming it when they can't be read.
absl::StatusOr<clv::ModelDocument> ModelOf(const journal::ModelRecord& record);

}  // namespace tenure::planning

#endif  // TENURE_SERVER_PLANNING_EXPECTED_PURCHASES_H_
