#include "server/customers/cut_points.h"

#include <utility>

#include "server/clv/quintiles.h"
#include "server/clv/value_tier.h"

namespace tenure::customers {

journal::CutPoints CutPointsOf(PopulationValues values, const rules::TierSettings& tiers) {
  journal::CutPoints result;
  const clv::TierCuts cuts =
      clv::TierCutsOf(std::move(values.clv), tiers.high_share, tiers.medium_share);
  result.clv_high = cuts.high;
  result.clv_medium = cuts.medium;
  result.recency_days = clv::QuintileEnds(std::move(values.recency_days));
  result.frequency = clv::QuintileEnds(std::move(values.frequency));
  result.monetary = clv::QuintileEnds(std::move(values.monetary));
  return result;
}

}  // namespace tenure::customers
