// When the customers of NBD and its kin may leave: after which purchases, with probability p ~
// Beta(a, b) each time.
#ifndef TENURE_SERVER_CLV_DROPOUT_H_
#define TENURE_SERVER_CLV_DROPOUT_H_

#include <limits>
#include <optional>

#include "absl/strings/string_view.h"
#include "server/base/random.h"
#include "server/clv/purchase_model.h"

namespace tenure::clv {

enum class Dropout {
  kNever,               // NBD
  kAfterRepeat,         // BG/NBD: P(alive) = 1 for every one-time buyer
  kAfterEveryPurchase,  // MBG/NBD: the first too
};

// Of the models whose customers leave at purchases, with parameters r, α, a, b; none of others.
inline std::optional<Dropout> DropoutAtPurchases(absl::string_view model) {
  if (model == "bg_nbd") return Dropout::kAfterRepeat;
  if (model == "mbg_nbd") return Dropout::kAfterEveryPurchase;
  return std::nullopt;
}

// How often a customer with `frequency` repeat purchases could have left.
inline double ChancesToLeave(Dropout dropout, double frequency) {
  if (dropout == Dropout::kNever) return 0;
  return dropout == Dropout::kAfterRepeat ? frequency : frequency + 1;
}

// Fills death and times of a life whose dropout is drawn, `interval()` between its purchases.
template <typename Interval>
void DrawPurchases(Dropout dropout, double length, Interval&& interval, Random* random,
                   Life* life) {
  life->death = std::numeric_limits<double>::infinity();
  life->times.clear();
  for (double time = 0; time <= length; time += interval()) {
    life->times.push_back(time);
    const bool may_end = ChancesToLeave(dropout, time > 0 ? 1 : 0) > 0;
    if (may_end && random->Uniform() < life->dropout) {
      life->death = time;
      return;
    }
  }
}

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_DROPOUT_H_
