// Who comes first, the next purchase or death: two independent waiting times, each exponential with
// a Gamma-distributed rate, P(time > u) = (scale/(scale+u))^shape (Lomax 1954). Everything that
// Pareto/NBD says of silence is the outcome of such a race: the odds of being dead after it, the
// likelihood and its derivatives, no purchase within a window. That view is ours; what comes out is
// note 028's equations 3 and 9 (pareto_nbd_model.h).
#ifndef TENURE_SERVER_CLV_LOMAX_RACE_H_
#define TENURE_SERVER_CLV_LOMAX_RACE_H_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "server/clv/gauss_legendre.h"

namespace tenure::clv {

// How far a panel of 8 or 16 points reaches at most: in ln(1 + u/scale), and in that times the
// integrand's steepness. By the error of n points for e^(cv) over a panel of length h,
// (ch)^2n n!^4/((2n+1) (2n)!^3), and for a singularity π away, ρ^−2n, ρ = 2π/h + √(1 + (2π/h)²).
struct RacePanels {
  double few_longest, few_steepest;
  double many_longest, many_steepest;
};
inline constexpr RacePanels kElevenDigits = {1.7, 4.5, 3, 18};
inline constexpr RacePanels kSevenDigits = {3, 8, 6, 24};

struct LomaxTime {
  double shape;  // >= 0; 0: never comes
  double scale;  // > 0

  double LogSurvival(double t) const { return -shape * std::log1p(t / scale); }
  double Hazard(double t) const { return shape / (scale + t); }
};

// Nodes u of an integral over (0, t], for the sum of mass · f(u) = ∫ S(u) f(u) du, S(u) the
// probability that neither has come by u. `survival` is S(u); inverses are 1/(scale + u), logs
// ln(1 + u/scale).
template <size_t kNodes>
struct RacePanel {
  static constexpr size_t kSize = kNodes;
  std::array<double, kNodes> mass, survival;
  std::array<double, kNodes> purchase_log, purchase_inverse;
  std::array<double, kNodes> death_log, death_inverse;
};

struct LomaxRace {
  LomaxTime purchase;
  LomaxTime death;

  double LogNeither(double t) const { return purchase.LogSurvival(t) + death.LogSurvival(t); }
  struct Outcome {
    double purchase_first;  // P(a purchase by t, before death)
    double death_first;     // P(death by t, before a purchase)
    double log_neither;     // ln of what is left of 1
  };
  // Each relatively as precise as its panels, also where it is tiny, for any shapes and scales.
  Outcome After(double t, const RacePanels& panels = kElevenDigits) const;
  // ln P(no purchase in (0, t]), they may die: as precise near 0 as it is far below.
  double LogQuiet(double t, const RacePanels& panels = kElevenDigits) const;

  // Calls visit(panel) with the panels of Gauss-Legendre quadrature over (0, t], as many as needed
  // for their digits with f like a hazard, in ln(1 + u/scale) of the smaller scale: there the
  // other scale's singularities stay π away and powers are exponentials. An f as steep as
  // (scale+u)^±steepness is allowed for. Ends where S is below 1e-20.
  template <typename Visit>
  void Integrate(double t, double steepness, const RacePanels& panels, Visit&& visit) const;
};

namespace race_internal {

inline constexpr double kNoneLeft = 1e-20;

// Where a panel's nodes are to be filled in; `near` has the smaller scale.
struct PanelArrays {
  double *mass, *survival;
  double *near_log, *near_inverse, *far_log, *far_inverse;
};
// At `nodes` points of a rule on [0, 1], a whole number of lanes, moved to [from, from + length].
void FillPanel(const LomaxTime& near, const LomaxTime& far, double from, double length,
               const double* at, const double* weight, size_t nodes, const PanelArrays& panel);

}  // namespace race_internal

template <typename Visit>
void LomaxRace::Integrate(double t, double steepness, const RacePanels& panels,
                          Visit&& visit) const {
  using namespace race_internal;  // NOLINT: the constants above
  const bool death_is_near = death.scale < purchase.scale;
  const LomaxTime& near = death_is_near ? death : purchase;
  const LomaxTime& far = death_is_near ? purchase : death;
  const double end = std::log1p(t / near.scale);
  const auto add = [&]<const auto & kRule, size_t kNodes>(double from, double length) {
    RacePanel<kNodes> panel;
    double* const near_log = death_is_near ? panel.death_log.data() : panel.purchase_log.data();
    double* const far_log = death_is_near ? panel.purchase_log.data() : panel.death_log.data();
    double* const near_inverse =
        death_is_near ? panel.death_inverse.data() : panel.purchase_inverse.data();
    double* const far_inverse =
        death_is_near ? panel.purchase_inverse.data() : panel.death_inverse.data();
    FillPanel(
        near, far, from, length, kRule.at.data(), kRule.weight.data(), kNodes,
        {panel.mass.data(), panel.survival.data(), near_log, near_inverse, far_log, far_inverse});
    visit(panel);
    return panel.survival[kNodes - 1];
  };
  const double most_growth =
      end <= panels.many_longest ? 1 + t / near.scale : std::exp(panels.many_longest);
  double grown = near.scale;
  for (double from = 0; from < end;) {
    const double left = end - from;
    // How steep the integrand is where the panel may end at the latest.
    const double reach = std::min(near.scale + t, grown * most_growth);
    const double share = reach / (far.scale - near.scale + reach);
    const double slope = near.shape + far.shape * share + steepness + 1;
    if (left <= panels.few_longest && slope * left <= panels.few_steepest) {
      add.template operator()<kGauss8, 8>(from, left);
      return;
    }
    const double length = std::min({left, panels.many_longest, panels.many_steepest / slope});
    if (add.template operator()<kGauss16, 16>(from, length) < kNoneLeft) return;
    from += length;
    grown = near.scale * std::exp(from);
    // Rounding must not leave a panel of nothing.
    if (end - from < 1e-14 * end) return;
  }
}

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_LOMAX_RACE_H_
