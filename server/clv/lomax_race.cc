#include "server/clv/lomax_race.h"

#include "server/clv/instructions.h"
#include "server/clv/lanes.h"

namespace tenure::clv {
namespace race_internal {
namespace {

constexpr double kPreciseLogsAbove = 100;  // of the shape that multiplies them

TENURE_INLINE void FillLanesLoop(const LomaxTime& near, const LomaxTime& far, double from,
                                 double length, const double* at, const double* weight,
                                 size_t nodes, const PanelArrays& panel) {
  const double gap = far.scale - near.scale;
  const double over_far = 1 / far.scale;
  for (size_t j = 0; j < nodes; j += kLanes) {
    const Lanes near_log = from + length * LoadLanes(at + j);
    const Lanes grown = near.scale * Exp(near_log);  // near.scale + u
    Lanes far_log = Log((gap + grown) * over_far);
    if (far.shape > kPreciseLogsAbove) {
      for (size_t k = 0; k < kLanes; ++k) {
        far_log[k] = std::log1p(std::expm1(near_log[k]) * (near.scale * over_far));
      }
    }
    const Lanes survival = Exp(-near.shape * near_log - far.shape * far_log);
    StoreLanes(survival, panel.survival + j);
    StoreLanes(length * LoadLanes(weight + j) * grown * survival, panel.mass + j);
    StoreLanes(near_log, panel.near_log + j);
    StoreLanes(1 / grown, panel.near_inverse + j);
    StoreLanes(far_log, panel.far_log + j);
    StoreLanes(1 / (gap + grown), panel.far_inverse + j);
  }
}

TENURE_FOR_ALL_INSTRUCTIONS(FillLanes,
                            (const LomaxTime& near, const LomaxTime& far, double from,
                             double length, const double* at, const double* weight, size_t nodes,
                             const PanelArrays& panel),
                            (near, far, from, length, at, weight, nodes, panel))

}  // namespace

void FillPanel(const LomaxTime& near, const LomaxTime& far, double from, double length,
               const double* at, const double* weight, size_t nodes, const PanelArrays& panel) {
  FillLanes(near, far, from, length, at, weight, nodes, panel);
}

}  // namespace race_internal

LomaxRace::Outcome LomaxRace::After(double t, const RacePanels& panels) const {
  Lanes purchases{};
  Lanes deaths{};
  Integrate(t, 0, panels, [&](const auto& panel) {
    for (size_t j = 0; j < panel.mass.size(); j += kLanes) {
      const Lanes mass = LoadLanes(&panel.mass[j]);
      purchases += mass * LoadLanes(&panel.purchase_inverse[j]);
      deaths += mass * LoadLanes(&panel.death_inverse[j]);
    }
  });
  return {purchase.shape * SumOf(purchases), death.shape * SumOf(deaths), LogNeither(t)};
}

double LomaxRace::LogQuiet(double t, const RacePanels& panels) const {
  const Outcome outcome = After(t, panels);
  // The three sum to 1: the log is taken of what doesn't cancel.
  return outcome.purchase_first < 0.5
             ? std::log1p(-outcome.purchase_first)
             : std::log(std::exp(outcome.log_neither) + outcome.death_first);
}

}  // namespace tenure::clv
