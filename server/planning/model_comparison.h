// One version of the value model held against another.
#ifndef TENURE_SERVER_PLANNING_MODEL_COMPARISON_H_
#define TENURE_SERVER_PLANNING_MODEL_COMPARISON_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/clv/total_value.h"
#include "server/customers/population.h"
#include "server/journal/records.h"
#include "server/rules/rule_set.h"

namespace tenure::planning {

struct ModelComparison {
  struct Check {
    double expected = 0;             // purchases of everybody
    double mean_absolute_error = 0;  // a customer
    bool knew_period = false;        // fitted to some of the period that it is checked on
  };
  std::string base, model;  // hashes
  double days = 0;          // of the period; 0: not checked
  std::string unchecked;    // why it was not; empty when it was
  double actual = 0;
  Check base_check, model_check;
  customers::Population::TierChanges tiers;
  clv::TotalValue base_total, model_total;  // of everybody now
  std::string base_basis, model_basis;      // "revenue" or "margin"

  int64_t customers_changing() const;
};

struct ComparisonRequest {
  int64_t at_us = 0;
  double days = 0;  // the period: the last ones before at_us; 0: no check of a period
  const std::atomic<bool>* cancel = nullptr;  // CANCELLED at the next step when it turns true
};

// Both models predict the period from the same observations, those of its beginning, and are held
// against the same purchases, of whom and as the rule set's `learn_from` says. Tiers are those of
// everybody now. DATA_LOSS when a record can't be read; CANCELLED. Thread-safe.
absl::StatusOr<ModelComparison> CompareModels(const std::shared_ptr<const rules::RuleSet>& rules,
                                              const customers::Population& population,
                                              const journal::ModelRecord& base,
                                              const journal::ModelRecord& model,
                                              const ComparisonRequest& request);

}  // namespace tenure::planning

#endif  // TENURE_SERVER_PLANNING_MODEL_COMPARISON_H_
