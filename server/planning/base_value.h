// What the whole customer base is worth without marketing.
#ifndef TENURE_SERVER_PLANNING_BASE_VALUE_H_
#define TENURE_SERVER_PLANNING_BASE_VALUE_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "server/clv/model_document.h"
#include "server/clv/total_value.h"
#include "server/customers/population.h"
#include "server/rules/rule_set.h"

namespace tenure::planning {

// The sum over every customer with a purchase by `at_us`, each by the model of their population of
// `rules`, with both intervals. Models fitted to their own customers alone err independently of one
// another; the errors of those that borrow, or are pooled, add up.
// Errors as clv::TotalOf. Thread-safe.
absl::StatusOr<clv::TotalValue> BaseValue(const clv::ModelDocument& models,
                                          const std::shared_ptr<const rules::RuleSet>& rules,
                                          const customers::Population& population, int64_t at_us);

// The same of a summary at hand, made by those rules of everybody as they are.
absl::StatusOr<clv::TotalValue> BaseValue(const clv::ModelDocument& models,
                                          const rules::RuleSet& rules,
                                          const customers::Population::Summary& summary);

}  // namespace tenure::planning

#endif  // TENURE_SERVER_PLANNING_BASE_VALUE_H_
