// Moments of one customer's purchases over a horizon, and the grid of times they are summed over.
#ifndef TENURE_SERVER_CLV_OUTLOOK_H_
#define TENURE_SERVER_CLV_OUTLOOK_H_

#include <array>
#include <cstddef>

#include "absl/types/span.h"

namespace tenure::clv {

// Points and weights to integrate over a horizon with a window at its start: smooth in ln(1 + u/s)
// of a time scale s. For integrands that vary over decades of time. Ordinary horizons have 12
// nodes; long ones, and those within which discounting leaves nothing, more, up to kMostNodes.
struct TimeGrid {
  static constexpr size_t kBlock = 4;  // the nodes are a multiple of it
  static constexpr size_t kUsual = 12;
  static constexpr size_t kMostNodes = 128;
  size_t nodes;
  size_t window_nodes;                      // the first so many lie inside the window
  std::array<double, kMostNodes> time;      // ascending; some inside the window, the rest beyond
  std::array<double, kMostNodes> weight;    // of ∫ du
  std::array<double, kMostNodes> discount;  // e^(−discount · u)
  double window;
  double horizon;
  double discount_rate;
  double scale;  // s; 0 where made from edges

  // 0 < window, 0 < horizon; a window beyond the horizon is cut there. `fall`: integrands go down
  // as fast as (1 + u/scale)^−fall, for which powers above 3 need shorter panels.
  static TimeGrid Over(double window, double horizon, double discount_rate, double scale,
                       double fall = 0);
  // Eight points between each two neighbours of `edges`, which ascend from 0 to the horizon and
  // contain the window; at most kMostPanels of them. For integrands that swing.
  static constexpr size_t kMostPanels = kMostNodes / 8;
  static TimeGrid Between(absl::Span<const double> edges, double window, double discount_rate);
};

// ∫_0^u e^(−rate · s) ds.
double DiscountedSpan(double u, double rate);

// Of one customer who is alive now, over a horizon, each purchase worth 1.
struct Outlook {
  double count = 0;              // E[N], undiscounted
  double value = 0;              // E[Σ e^(−δ t_i)]
  double squares = 0;            // E[Σ e^(−2δ t_i)]
  double pairs = 0;              // E[Σ_(i≠j) e^(−δ (t_i + t_j))]
  double at_risk = 0;            // value that dropouts inside the window destroy
  double log_quiet_window = 0;   // ln P(no purchase within the window)
  double log_quiet_horizon = 0;  // ln P(no purchase within the horizon)
};

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_OUTLOOK_H_
