// Quantiles of the population's values, and the RFM scores read off them; tiers are in tier.h. They
// are journaled with each model and never recomputed live, so that a score means the same all the
// time that a model is in force.
#ifndef TENURE_SERVER_CUSTOMERS_CUT_POINTS_H_
#define TENURE_SERVER_CUSTOMERS_CUT_POINTS_H_

#include <cstddef>
#include <vector>

#include "server/journal/records.h"
#include "server/rules/rule_set.h"

namespace tenure::customers {

inline constexpr size_t kQuintileEnds = 4;

// Everybody's values, in any order; customers without a purchase are left out.
struct PopulationValues {
  std::vector<double> clv;
  std::vector<double> recency_days;  // days since the last purchase
  std::vector<double> frequency;     // purchases
  std::vector<double> monetary;      // mean revenue of a purchase
};

// clv_high is the lowest of the top round(high_share · n), clv_medium of the next medium_share;
// +∞ where that share is nobody. Quintile k ends at the ⌈k·n/5⌉-th smallest value (nearest rank).
// Empty quintiles for an empty population.
journal::CutPoints CutPointsOf(PopulationValues values, const rules::TierSettings& tiers);

// 1 (worst) to 5 (best): the first quintile whose upper end is not below the value, counted from
// the best end where low is best. Ties share a score, that of the lower quintile of values.
int64_t RfmScore(double value, const std::vector<double>& quintile_ends, bool low_is_best);

}  // namespace tenure::customers

#endif  // TENURE_SERVER_CUSTOMERS_CUT_POINTS_H_
