// Pareto/NBD with known parameters: customers buy at rates λ ~ Gamma(r, α) until a death that comes
// at rate μ ~ Gamma(s, β), whether they buy or not. Sources, by equation: note 009, Fader, Hardie
// 2005 (A note on deriving the Pareto/NBD model and related expressions); note 015, the same 2014
// (Additional results for the Pareto/NBD model); note 028, the same 2014 (Deriving the conditional
// PMF of the Pareto/NBD model); Fader, Hardie, Lee 2005 (RFM and CLV, JMR 42(4)).
#ifndef TENURE_SERVER_CLV_PARETO_NBD_MODEL_H_
#define TENURE_SERVER_CLV_PARETO_NBD_MODEL_H_

#include "server/clv/lomax_race.h"
#include "server/clv/purchase_model.h"

namespace tenure::clv {

class ParetoNbdModel final : public PurchaseModel {
 public:
  // All above 0.
  ParetoNbdModel(double r, double alpha, double s, double beta);

  double RowLogLikelihood(const History& history) const override;  // note 028, equation 3
  // Note 028, equation 9. Within 1e-11 of the odds and 1e-15 of their log, for any history.
  double LogOddsDead(const History& history) const override;
  double PAliveAfter(const History& history, double t) const override;  // note 015, equation 18
  double SilenceUntil(const History& history, double log_odds) const override;
  double RhythmLimit(const History& history) const override;
  // Note 009, equation 41; of {} they are a new customer's, equation 27.
  double ExpectedPurchases(const History& history, double t) const override;
  // Note 028, equation 16, by quadrature.
  void CountProbabilities(const History& history, double t, absl::Span<double> out) const override;
  // RFM and CLV, equation 2. Within 1e-12 relative, whatever discount · (β + T).
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
