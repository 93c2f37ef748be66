// Quantiles of the population's values (clv/quintiles.h) and the cuts of its tiers (tier.h). They
// are journaled with each model and never recomputed live, so that a score means the same all the
// time that a model is in force.
#ifndef TENURE_SERVER_CUSTOMERS_CUT_POINTS_H_
#define TENURE_SERVER_CUSTOMERS_CUT_POINTS_H_

#include <vector>

#include "server/journal/records.h"
#include "server/rules/rule_set.h"

namespace tenure::customers {

// Everybody's values, in any order; customers without a purchase are left out.
struct PopulationValues {
  std::vector<double> clv;
  std::vector<double> recency_days;  // days since the last purchase
  std::vector<double> frequency;     // purchases
  std::vector<double> monetary;      // mean revenue of a purchase
};

// clv::TierCutsOf and clv::QuintileEnds. Empty quintiles for an empty population.
journal::CutPoints CutPointsOf(PopulationValues values, const rules::TierSettings& tiers);

}  // namespace tenure::customers

#endif  // TENURE_SERVER_CUSTOMERS_CUT_POINTS_H_
