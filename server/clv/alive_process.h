// The future of a customer who is alive: purchases at rate λ ~ Gamma(shape, rate), and after each a
// dropout with probability p ~ Beta(a, b), independent. Every posterior of NBD, BG/NBD and MBG/NBD
// is of this form. Source: Fader, Hardie, Lee 2005, appendix; the integrals are ours.
#ifndef TENURE_SERVER_CLV_ALIVE_PROCESS_H_
#define TENURE_SERVER_CLV_ALIVE_PROCESS_H_

#include <array>
#include <cstddef>

namespace tenure::clv {

// Points and weights to integrate over a horizon with a window at its start: smooth in ln(1 + u/s)
// of a time scale s. For integrands that vary over decades of time. Ordinary horizons have 12
// nodes; long ones, and those within which discounting leaves nothing, more, up to kMostNodes.
struct TimeGrid {
  static constexpr size_t kBlock = 4;  // the nodes are a multiple of it
  static constexpr size_t kMostNodes = 128;
  size_t nodes;
  std::array<double, kMostNodes> time;      // ascending; some inside the window, the rest beyond
  std::array<double, kMostNodes> weight;    // of ∫ du
  std::array<double, kMostNodes> discount;  // e^(−discount · u)
  double window;
  double horizon;
  double discount_rate;

  // 0 < window, 0 < horizon; a window beyond the horizon is cut there.
  static TimeGrid Over(double window, double horizon, double discount_rate, double scale);
};

// Moments of the discounted purchases of one customer over a horizon, each purchase worth 1.
struct Outlook {
  double count = 0;    // E[N], undiscounted
  double value = 0;    // E[Σ e^(−δ t_i)]
  double squares = 0;  // E[Σ e^(−2δ t_i)]
  double pairs = 0;    // E[Σ_(i≠j) e^(−δ (t_i + t_j))]
  double at_risk = 0;  // value that dropouts at purchases inside the window destroy
};

struct AliveProcess {
  double shape;  // > 0
  double rate;   // > 0
  double a;      // >= 0; 0: nobody drops out
  double b;      // > 0

  // E[purchases in (0, t]]: E_p[(1 − (1 + p t/rate)^−shape)/p], by the trapezoid rule in logit p,
  // which has no poles at a = 1 and no cancellation at small t: about 1e-12 relative.
  double ExpectedCount(double t) const;
  // P(no purchase in (0, t]) = (rate/(rate+t))^shape.
  double LogNoPurchase(double t) const;
  // Within 1e-6 relative, mostly 1e-8, for horizons of 1 to 36,500 days, windows up to them and
  // discounts of 0 to 100 % a year. No allocation.
  Outlook OutlookOver(const TimeGrid& grid) const;
  // OutlookOver(grid).value alone.
  double ValueOver(const TimeGrid& grid) const;
};

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_ALIVE_PROCESS_H_
