// Pareto/NBD with known parameters: customers buy at rates λ ~ Gamma(r, α) until a death that comes
// at rate μ ~ Gamma(s, β), whether they buy or not. Source: Fader, Hardie 2005 (A note on deriving
// the Pareto/NBD model); Fader, Hardie, Lee 2005 (RFM and CLV).
#ifndef TENURE_SERVER_CLV_PARETO_NBD_MODEL_H_
#define TENURE_SERVER_CLV_PARETO_NBD_MODEL_H_

#include "server/clv/lomax_race.h"
#include "server/clv/purchase_model.h"

namespace tenure::clv {

class ParetoNbdModel final : public PurchaseModel {
 public:
  // All above 0.
  ParetoNbdModel(double r, double alpha, double s, double beta);

  double RowLogLikelihood(const History& history) const override;
  // Within 1e-11 of the odds and 1e-15 of their log, for any history.
  double LogOddsDead(const History& history) const override;
  double PAliveAfter(const History& history, double t) const override;
  double SilenceUntil(const History& history, double log_odds) const override;
  double RhythmLimit(const History& history) const override;
  double ExpectedPurchases(const History& history, double t) const override;
  void CountProbabilities(const History& history, double t, absl::Span<double> out) const override;
  // Within 1e-12 relative, whatever discount · (β + T).
  double ExpectedDiscounted(const History& history, double discount) const override;
  bool FutureIsByAge() const override { return true; }
  Outlook OutlookIfAlive(const History& history, const TimeGrid& grid) const override;
  double ValueIfAlive(const History& history, const TimeGrid& grid) const override;
  double ValueIfRevived(const History& history, const TimeGrid& grid) const override;
  void Draw(double length, Random* random, Life* life) const override;

 protected:
  double TimeScale(const History& history) const override;

 private:
  // From the last purchase on, and from now on if alive: shapes r + x and s, scales plus the time.
  LomaxRace SinceLast(const History& history) const;
  LomaxRace FromNow(const History& history) const;

  const double r_;
  const double alpha_;
  const double s_;
  const double beta_;
};

}  // namespace tenure::clv

#endif  // TENURE_SERVER_CLV_PARETO_NBD_MODEL_H_
