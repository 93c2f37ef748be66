// One customer's own process of purchases once their rate and dropout are known: what goes on where
// a model's draw has to be changed on the way.
#ifndef TENURE_SERVER_CLV_BUYING_HABIT_H_
#define TENURE_SERVER_CLV_BUYING_HABIT_H_

#include <vector>

#include "server/base/random.h"
#include "server/clv/model_kind.h"

namespace tenure::clv {

// Times in the model's unit.
struct BuyingHabit {
  // How customers of the model leave.
  enum class Departure { kNever, kAtPurchase, kByTheClock };

  Departure departure = Departure::kNever;
  int regularity = 1;  // intervals are Gamma(k, k · rate)
  double rate = 0;     // purchases a unit
  double dropout = 0;  // a probability at each purchase, or a rate of death

  // Of a model that is not discrete; rate and dropout are the customer's, from Life.
  static Departure DepartureOf(const ModelKind& kind);

  // The interval to the next purchase.
  double DrawInterval(Random* random) const;
  // Goes on from a purchase or, by the clock, any moment at `from`: appends the purchases up to
  // `until`. kAtPurchase: returns when they leave, +infinity where they are still there; else
  // +infinity.
  double Continue(double from, double until, Random* random, std::vector<double>* times) const;
  // P(no purchase in the next `length` | alive, the last one `silence` ago), nobody leaving on the
  // way.
  double Silent(double silence, double length) const;
};

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_BUYING_HABIT_H_
