// Fitting the value model to the whole population, with its cut-points and a check on a holdout.
#ifndef TENURE_SERVER_PLANNING_MODEL_FIT_H_
#define TENURE_SERVER_PLANNING_MODEL_FIT_H_

#include <atomic>
#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "server/clv/value_model.h"
#include "server/customers/population.h"
#include "server/journal/records.h"
#include "server/rules/rule_set.h"

namespace tenure::planning {

struct FitRequest {
  int64_t at_us = 0;        // purchases after it are not looked at
  double holdout_days = 0;  // 0: no check; else the last days are predicted from those before;
                            // where that can't be, `why` in the report says so
  const std::atomic<bool>* cancel = nullptr;  // CANCELLED at the next step when it turns true
};

// Fits by the rule set's `value:` settings, to whom and to what its `learn_from` says. The margin
// rate is the rule set's, or pooled: margin over revenue of all purchases whose margin is known,
// less the refunds whose margin is (1 where no purchase's is, and the report says so). What refunds
// leave of all revenue scales every value. FAILED_PRECONDITION without a purchase; CANCELLED.
// Thread-safe.
absl::StatusOr<journal::ModelRecord> FitPopulation(
    const std::shared_ptr<const rules::RuleSet>& rules, const customers::Population& population,
    const FitRequest& request);

// Whether simple estimates stand in for a fit, by the record's report. Thread-safe.
bool IsFallback(const journal::ModelRecord& record);

// Whether simple estimates stand in for a fit that there was in `before`: of the whole (the pooled
// model, where there are populations), or of a population of both. One that is new, or had none
// before, is no reason. Thread-safe.
bool HasLostFit(const journal::ModelRecord& record, const journal::ModelRecord& before);

}  // namespace tenure::planning

#endif  // TENURE_SERVER_PLANNING_MODEL_FIT_H_
