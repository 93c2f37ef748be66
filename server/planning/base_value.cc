#include "server/planning/base_value.h"

#include <vector>

#include "server/base/status.h"
#include "server/planning/expected_purchases.h"

namespace tenure::planning {

absl::StatusOr<clv::TotalValue> BaseValue(const clv::ModelDocument& models,
                                          const std::shared_ptr<const rules::RuleSet>& rules,
                                          const customers::Population& population, int64_t at_us) {
  customers::Learning as_they_are;
  as_they_are.rules = rules;
  return BaseValue(models, *rules, population.Summarize(at_us, 0, as_they_are));
}

absl::StatusOr<clv::TotalValue> BaseValue(const clv::ModelDocument& models,
                                          const rules::RuleSet& rules,
                                          const customers::Population::Summary& summary) {
  std::vector<clv::TotalValue> own, alike;
  absl::Status status;
  ByModel(models, rules, summary,
          [&](const clv::ValueModel& model, const std::vector<size_t>& rows) {
            std::vector<clv::Observation> observations;
            observations.reserve(rows.size());
            for (const size_t row : rows) observations.push_back(summary.observations[row]);
            absl::StatusOr<clv::TotalValue> total = clv::TotalOf(model, observations);
            status.Update(total.status());
            if (total.ok()) (models.IsOwn(model) ? own : alike).push_back(*total);
          });
  if (!status.ok()) return status;
  return clv::Together(own, alike);
}

}  // namespace tenure::planning
