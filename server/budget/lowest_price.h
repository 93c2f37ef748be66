// Where a falling demand meets a limit.
#ifndef TENURE_SERVER_BUDGET_LOWEST_PRICE_H_
#define TENURE_SERVER_BUDGET_LOWEST_PRICE_H_

#include <cmath>
#include <limits>

namespace tenure::budget {

// Of a limit: nothing is left that a micro could use, and sums are no better than that.
inline constexpr double kFilled = 1e-13;

// The lowest price >= 0 at which `demand`, which falls with the price, is within the limit, but for
// the last places of sums: what one more unit would bring. To the last bit where demand jumps or
// stays at the limit for a while; infinite where no price is enough. False
// position with halving in between; `start` > 0 is a guess.
template <typename Demand>
double LowestPrice(const Demand& demand, double limit, double start = 1) {
  constexpr double kLower = 1 - 1e-9;  // where a demand that falls at all is larger
  const double most = limit + kFilled * limit;
  const double filled = limit - kFilled * limit;
  if (demand(0) <= most) return 0;
  double step = start == 1 ? 16 : 1 + 1e-3;
  double above = 0;
  double fits = start;
  double above_demand = std::numeric_limits<double>::infinity();
  double fits_demand = demand(fits);
  while (fits_demand > most) {
    above = fits;
    above_demand = fits_demand;
    fits *= step;
    step = std::fmin(step * step, 65'536);
    if (!std::isfinite(fits)) return fits;
    fits_demand = demand(fits);
  }
  while (above == 0 && fits > std::numeric_limits<double>::min()) {
    const double lower = fits / step;
    step = std::fmin(step * step, 65'536);
    const double lower_demand = demand(lower);
    if (lower_demand > most) {
      above = lower;
      above_demand = lower_demand;
    } else {
      fits = lower;
      fits_demand = lower_demand;
    }
  }
  bool flat = false;  // filled, and so are lower prices
  for (int steps = 0;; ++steps) {
    const bool ask = !flat && fits_demand >= filled;
    double middle = ask ? fits * kLower : above + (fits - above) / 2;
    if (!(middle > above) || !(middle < fits)) break;
    if (!ask && !flat && steps % 3 != 2 && std::isfinite(above_demand)) {
      const double share = (above_demand - limit) / (above_demand - fits_demand);
      const double guess = above + (fits - above) * share;
      if (guess > above && guess < fits) middle = guess;
    }
    const double at = demand(middle);
    if (at <= most) {
      fits = middle;
      fits_demand = at;
      flat = ask || flat;
    } else if (ask) {
      break;
    } else {
      above = middle;
      above_demand = at;
    }
  }
  return fits;
}

}  // namespace tenure::budget

#endif  // TENURE_SERVER_BUDGET_LOWEST_PRICE_H_
