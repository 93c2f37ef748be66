// How far a population has moved since a model was fitted to it.
#ifndef TENURE_SERVER_PLANNING_DRIFT_H_
#define TENURE_SERVER_PLANNING_DRIFT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "server/clv/model_document.h"
#include "server/customers/population.h"
#include "server/rules/rule_set.h"

namespace tenure::planning {

// Shares of a population by bins of one quantity.
struct Distribution {
  std::string quantity;        // "clv", "frequency", "recency_days"
  std::vector<double> ends;    // upper ends, ascending; one bin more is above the last
  std::vector<double> shares;  // by bin, together 1
};

// Bins end at the deciles; those of equal ends are one, so that ties stay together. Empty values
// give no bins.
Distribution DecilesOf(std::string quantity, std::vector<double> values);
// Of other values, by the same bins.
std::vector<double> SharesOf(const Distribution& bins, absl::Span<const double> values);

// The watched quantities of customers, in the order above, each by row. Days since the last
// purchase count as recency. The summary was made by `rules`, see ByModel.
struct Watched {
  std::vector<double> clv, frequency, recency_days;

  // Of those whose population is that one; `population_of` is by row.
  Watched Of(absl::Span<const uint32_t> population_of, uint32_t population) const;
};
Watched WatchedOf(const clv::ModelDocument& models, const rules::RuleSet& rules,
                  const customers::Population::Summary& summary);

// The population stability index, sum over bins of (a - e) ln(a / e), shares held to half a
// customer at least. By common use below 0.1 nothing to speak of, above 0.25 another population
// (Siddiqi 2006, Credit Risk Scorecards, ch. 7).
double StabilityIndex(absl::Span<const double> expected, absl::Span<const double> actual,
                      int64_t customers_then, int64_t customers_now);
// What it comes to on average where nothing has moved: (bins - 1)(1/n + 1/m), Yurdakul 2018,
// Statistical Properties of Population Stability Index, theorem 3.
double IndexByChance(size_t bins, int64_t customers_then, int64_t customers_now);

}  // namespace tenure::planning

#endif  // TENURE_SERVER_PLANNING_DRIFT_H_
