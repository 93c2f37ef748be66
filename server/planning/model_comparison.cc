#include "server/planning/model_comparison.h"

#include <cmath>
#include <vector>

#include "absl/status/status.h"
#include "server/base/status.h"
#include "server/base/time.h"
#include "server/planning/base_value.h"
#include "server/planning/expected_purchases.h"

namespace tenure::planning {
namespace {

absl::Status CheckCancelled(const ComparisonRequest& request) {
  if (request.cancel == nullptr || !request.cancel->load()) return absl::OkStatus();
  return absl::CancelledError("the comparison was cancelled");
}

absl::StatusOr<ModelComparison::Check> CheckPeriod(const clv::ModelDocument& models,
                                                   const rules::RuleSet& rules,
                                                   const customers::Population::Summary& early,
                                                   double days) {
  TENURE_ASSIGN_OR_RETURN(const std::vector<double> expected,
                          ExpectedPurchases(models, rules, early, days));
  ModelComparison::Check check;
  double errors = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    check.expected += expected[i];
    errors += std::abs(expected[i] - early.holdout_purchases[i]);
  }
  check.mean_absolute_error = errors / static_cast<double>(expected.size());
  return check;
}

}  // namespace

int64_t ModelComparison::customers_changing() const {
  int64_t changing = 0;
  for (size_t from = 0; from < tiers.customers.size(); ++from) {
    for (size_t to = 0; to < tiers.customers[from].size(); ++to) {
      if (from != to) changing += tiers.customers[from][to];
    }
  }
  return changing;
}

absl::StatusOr<ModelComparison> CompareModels(const std::shared_ptr<const rules::RuleSet>& rules,
                                              const customers::Population& population,
                                              const journal::ModelRecord& base,
                                              const journal::ModelRecord& model,
                                              const ComparisonRequest& request) {
  TENURE_ASSIGN_OR_RETURN(const auto base_model, ModelOf(base));
  TENURE_ASSIGN_OR_RETURN(const auto other_model, ModelOf(model));
  ModelComparison comparison;
  comparison.base = base.hash;
  comparison.model = model.hash;
  TENURE_RETURN_IF_ERROR(CheckCancelled(request));
  comparison.tiers = population.CompareTiers(
      request.at_us, {rules, base_model.model, base.cut_points, base_model.populations},
      {rules, other_model.model, model.cut_points, other_model.populations});
  TENURE_RETURN_IF_ERROR(CheckCancelled(request));
  const customers::Population::Summary everybody =
      population.Summarize(request.at_us, 0, {nullptr, 0, rules});
  TENURE_ASSIGN_OR_RETURN(comparison.base_total, BaseValue(base_model, *rules, everybody));
  TENURE_RETURN_IF_ERROR(CheckCancelled(request));
  TENURE_ASSIGN_OR_RETURN(comparison.model_total, BaseValue(other_model, *rules, everybody));
  comparison.base_basis = base_model.basis();
  comparison.model_basis = other_model.basis();
  TENURE_RETURN_IF_ERROR(CheckCancelled(request));
  const int64_t from_us =
      request.at_us - static_cast<int64_t>(request.days * static_cast<double>(kMicrosPerDay));
  if (request.days <= 0) {
    comparison.unchecked = "no period was asked for";
  } else if (from_us <= 0) {
    comparison.unchecked = "the period begins before 1970";
  }
  if (!comparison.unchecked.empty()) return comparison;
  const customers::Population::Summary early =
      population.Summarize(request.at_us, from_us, LearningOf(rules));
  if (early.observations.empty()) {
    comparison.unchecked = "nobody had bought before the period";
    return comparison;
  }
  comparison.days = request.days;
  for (const double purchases : early.holdout_purchases) comparison.actual += purchases;
  TENURE_RETURN_IF_ERROR(CheckCancelled(request));
  TENURE_ASSIGN_OR_RETURN(comparison.base_check,
                          CheckPeriod(base_model, *rules, early, request.days));
  TENURE_RETURN_IF_ERROR(CheckCancelled(request));
  TENURE_ASSIGN_OR_RETURN(comparison.model_check,
                          CheckPeriod(other_model, *rules, early, request.days));
  comparison.base_check.knew_period = base.as_of_us > from_us;
  comparison.model_check.knew_period = model.as_of_us > from_us;
  return comparison;
}

}  // namespace tenure::planning
