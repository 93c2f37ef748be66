// Where a falling demand meets a limit.
#ifndef TENURE_SERVER_BUDGET_LOWEST_PRICE_H_
#define TENURE_SERVER_BUDGET_LOWEST_PRICE_H_

#include <cmath>
#include <limits>

namespace tenure::budget {

// Of a limit: nothing is left that a micro could use.
inline constexpr double kFilled = 1e-14;

// The lowest price >= 0 at which `demand`, which falls with the price, is within the limit: to the
// last bit where demand jumps, else as soon as the limit is all but filled; infinite where no price
// is enough. False position with halving in between; `start` > 0 is a guess.
template <typename Demand>
double LowestPrice(const Demand& demand, double limit, double start = 1) {
  if (demand(0) <= limit) return 0;
  double step = start == 1 ? 16 : 1 + 1e-3;
  double above = 0;
  double fits = start;
  double above_demand = std::numeric_limits<double>::infinity();
  double fits_demand = demand(fits);
  while (fits_demand > limit) {
    above = fits;
    above_demand = fits_demand;
    fits *= step;
    step = std::fmin(step * step, 65'536);
    fits_demand = std::isfinite(fits) ? demand(fits) : 0;
  }
  while (above == 0 && fits > std::numeric_limits<double>::min()) {
    const double lower = fits / step;
    step = std::fmin(step * step, 65'536);
    const double lower_demand = demand(lower);
    if (lower_demand > limit) {
      above = lower;
      above_demand = lower_demand;
    } else {
      fits = lower;
      fits_demand = lower_demand;
    }
  }
  for (int steps = 0; limit - fits_demand > kFilled * limit; ++steps) {
    double middle = above + (fits - above) / 2;
    if (!(middle > above) || !(middle < fits)) break;
    if (steps % 3 != 2 && std::isfinite(above_demand)) {
      const double share = (above_demand - limit) / (above_demand - fits_demand);
      const double guess = above + (fits - above) * share;
      if (guess > above && guess < fits) middle = guess;
    }
    const double at = demand(middle);
    if (at <= limit) {
      fits = middle;
      fits_demand = at;
    } else {
      above = middle;
      above_demand = at;
    }
  }
  return fits;
}

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_LOWEST_PRICE_H_
