// Validating a value model on the whole population: what it said some days ago about the days
// since.
#ifndef TENURE_SERVER_PLANNING_MODEL_VALIDATION_H_
#define TENURE_SERVER_PLANNING_MODEL_VALIDATION_H_

#include <atomic>
#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "server/clv/model_document.h"
#include "server/customers/population.h"
#include "server/rules/rule_set.h"
#include "server/validation/model_validation.h"

namespace tenure::planning {

struct ValidationRequest {
  int64_t at_us = 0;     // the holdout ends with the last whole day before it
  int holdout_days = 0;  // 1 or more
  // Null: one is fitted, by the rule set's `value:` settings, to what came before the holdout.
  // Where the rule set lists populations, one for each that has bought.
  clv::ModelDocument models = {};
  const std::atomic<bool>* cancel = nullptr;  // CANCELLED at the next step when it turns true
  std::string version = "";                   // of `models`: their name
};

// Purchases are days with one, spend is revenue as sold, refunds not taken off, as the models
// see them. FAILED_PRECONDITION when nobody had bought before the holdout, or it begins before
// 1970; CANCELLED. Thread-safe.
absl::StatusOr<validation::ModelValidation> ValidatePopulation(
    const std::shared_ptr<const rules::RuleSet>& rules, const customers::Population& population,
    const ValidationRequest& request);

}  // namespace tenure::planning

#endif  // TENURE_SERVER_PLANNING_MODEL_VALIDATION_H_
