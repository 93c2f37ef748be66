#include "server/clv/alive_shares.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "server/clv/dropout.h"
#include "server/clv/instructions.h"
#include "server/clv/lanes.h"
#include "server/clv/pareto_alive.h"

namespace tenure::clv {
namespace {

// ln of the odds of being dead is log_odds + shape · ln((α + T)/(α + t_x)).
struct SilenceOdds {
  double log_odds, shape, alpha;
};

TENURE_INLINE void AliveSharesLoop(const SilenceOdds& odds, absl::Span<const History> histories,
                                   double* out) {
  for (size_t i = 0; i < histories.size(); i += kLanes) {
    const size_t count = std::min(histories.size() - i, kLanes);
    Lanes recency{}, age{};
    for (size_t j = 0; j < count; ++j) {
      recency[j] = histories[i + j].recency;
      age[j] = histories[i + j].age;
    }
    const Lanes silence = Log1p((age - recency) / (odds.alpha + recency));
    const Lanes alive = 1 / (1 + Exp(odds.log_odds + odds.shape * silence));
    for (size_t j = 0; j < count; ++j) out[i + j] = alive[j];
  }
}

TENURE_FOR_ALL_INSTRUCTIONS(AliveShares,
                            (const SilenceOdds& odds, absl::Span<const History> histories,
                             double* out),
                            (odds, histories, out))

}  // namespace

void PAliveOfAll(const PurchaseModel& model, absl::Span<const History> histories,
                 absl::Span<double> out) {
  if (histories.empty()) return;
  if (model.name() == "pareto_nbd") return ParetoAliveOfAll(model, histories, out);
  const std::optional<Dropout> dropout = DropoutAtPurchases(model.name());
  const double x = histories.front().frequency;
  const double n = dropout.has_value() ? ChancesToLeave(*dropout, x) : 0;
  if (n <= 0) {
    for (size_t i = 0; i < histories.size(); ++i) out[i] = model.PAlive(histories[i]);
    return;
  }
  const absl::Span<const double> at = model.parameters();  // r, α, a, b
  AliveShares({std::log(at[2] / (at[3] + n - 1)), at[0] + x, at[1]}, histories, out.data());
}

}  // namespace tenure::clv
