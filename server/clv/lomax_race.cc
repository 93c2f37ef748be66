#include "server/clv/lomax_race.h"

namespace tenure::clv {

LomaxRace::Outcome LomaxRace::After(double t, const RacePanels& panels) const {
  double purchase_first = 0;
  double death_first = 0;
  Integrate(t, 0, panels, [&](const auto& panel) {
    for (size_t j = 0; j < panel.mass.size(); ++j) {
      purchase_first += panel.mass[j] * panel.purchase_inverse[j];
      death_first += panel.mass[j] * panel.death_inverse[j];
    }
  });
  return {purchase.shape * purchase_first, death.shape * death_first, LogNeither(t)};
}

double LomaxRace::LogQuiet(double t, const RacePanels& panels) const {
  const Outcome outcome = After(t, panels);
  // The three sum to 1: the log is taken of what doesn't cancel.
  return outcome.purchase_first < 0.5
             ? std::log1p(-outcome.purchase_first)
             : std::log(std::exp(outcome.log_neither) + outcome.death_first);
}

}  // namespace tenure::clv
